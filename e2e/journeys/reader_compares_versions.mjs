import assert from 'node:assert/strict';
import { journey } from '../lib/journey.mjs';
import { DOGS } from '../lib/demo.mjs';

const WASTE = /启明市生活垃圾管理条例/;

journey('Reader Chen sees what became of the opinions, article by article', { device: 'desk' }, async (chen) => {
  await chen.goto('/consultations');
  await chen.follow(WASTE);
  const waste = new URL(chen.page.url()).pathname;
  await chen.click(`main a[href^="${waste}/compare"]`);
  assert.ok(await chen.page.locator('main ins').count(), 'what is new is marked');
  assert.ok(await chen.page.locator('main del').count(), 'what is gone is marked');
  await chen.shot('compare');
  const led = chen.page.locator(`main a[href*="/opinions?landed="]`).first();
  const count = Number((await led.innerText()).match(/\d+/)?.[0]);
  await chen.click(led);
  await chen.sees(String(count));
  await chen.shot('led-to');
});

journey('Reader Chen opens a figure and finds the list it counts', { device: 'phone' }, async (chen) => {
  await chen.goto('/consultations');
  await chen.follow(DOGS);
  const dogs = new URL(chen.page.url()).pathname;
  await chen.goto(`${dogs}/responses`);
  await chen.sees('采纳');
  await chen.shot('responses');
  await chen.goto(`${dogs}/figures`);
  await chen.shot('figures');
  const fact = chen.page.locator('main a.fact').first();
  const figure = (await fact.locator('b').innerText()).trim();
  assert.match(figure, /^[\d,]+$/);
  await chen.click(fact);
  await chen.sees(figure);
  await chen.shot('list');
});

journey('Ms Smith reads the same in English', { device: 'desk', lang: 'en' }, async (smith) => {
  await smith.goto('/consultations');
  await smith.follow(DOGS);
  await smith.sees(/opinion/i);
  assert.equal(await smith.page.locator('html').getAttribute('lang'), 'en');
  await smith.shot('law');
  await smith.goto(`${new URL(smith.page.url()).pathname}/figures`);
  await smith.sees(/opinion/i);
  assert.ok(await smith.page.locator('main a.fact').count());
});
