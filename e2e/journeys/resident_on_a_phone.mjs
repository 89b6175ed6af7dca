import assert from 'node:assert/strict';
import { journey } from '../lib/journey.mjs';
import { ELEVATORS } from '../lib/demo.mjs';

/** Reads the draft, says something of article 12, and keeps the receipt. */
async function speaksUp(lin, words) {
  await lin.goto('/');
  await lin.follow(ELEVATORS);
  await lin.sees('禁止电动自行车进入住宅电梯轿厢');
  await lin.assertTargets();
  await lin.shot('draft');

  await lin.click('a[href$="/provisions/art_12"]');
  await lin.sees('使用单位应当采取技术措施予以识别和劝阻');
  await lin.shot('article');

  // Sent too early: what is missing is said, and nothing typed is lost.
  const form = lin.page.locator('main form').filter({ has: lin.page.locator('textarea') });
  await form.locator('textarea').fill(words);
  await lin.refused(422, () => form.getByRole('button', { name: '提交意见' }).click());
  assert.equal(await lin.page.locator('main textarea').first().inputValue(), words);
  await lin.shot('refused');

  await lin.choose('建议修改');
  await lin.push('提交意见');
  await lin.sees(words);
}

journey('Aunt Lin speaks of article 12 on her phone, and keeps the receipt', { device: 'phone' }, async (lin) => {
  const words = `电动车停在楼下没有棚子，先修棚子再禁止上楼。😀（${lin.js ? '甲' : '乙'}）`;
  await speaksUp(lin, words);
  const code = new URL(lin.page.url()).pathname.split('/').at(-1);
  await lin.sees(code);
  assert.ok(await lin.page.locator('main ol.chain li').count(), 'the chain says where it stands');
  const qr = lin.page.locator('main img[src$="/qr.svg"]');
  assert.ok(await qr.evaluate((e) => e.complete && e.naturalWidth > 0), 'the QR is drawn');
  await lin.assertTargets();
  await lin.shot('receipt');

  const file = await lin.page.locator('a[href$="/file"]').getAttribute('href');
  const receipt = await (await lin.page.request.get(new URL(file, lin.base).href)).json();
  assert.ok(JSON.stringify(receipt).length > 100, 'the file holds the proof');

  // Days later, with the code on paper; the last letter is misread first.
  await lin.goto('/receipts');
  const wrong = code.slice(0, -1) + (code.endsWith('0') ? '1' : '0');
  await lin.fill('回执码', wrong);
  await lin.refused(422, () => lin.push('查看'));
  await lin.sees('请对照回执再看一看');
  assert.equal(await lin.page.getByLabel('回执码').inputValue(), wrong);
  await lin.shot('wrong-code');
  await lin.fill('回执码', code.toLowerCase().replaceAll('-', ' '));
  await lin.push('查看');
  await lin.sees(words);
});

journey('Grandmother Lin reads and speaks in big type, at night', { device: 'phone', type: 'big', theme: 'dark' }, async (lin) => {
  await speaksUp(lin, `晚上抱着孙子爬楼真不行，停电的时候要有人管。（${lin.js ? '甲' : '乙'}）`);
  await lin.assertTargets();
  await lin.shot('receipt');
  const { wide, seen } = await lin.page.evaluate(() => ({ wide: document.documentElement.scrollWidth, seen: innerWidth }));
  assert.ok(wide <= seen, `nothing hangs over the edge: ${wide} > ${seen}`);
});
