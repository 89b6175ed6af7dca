import assert from 'node:assert/strict';
import { arrive, journey } from '../lib/journey.mjs';
import { ELEVATORS, dayAfter, enter, isTold } from '../lib/demo.mjs';
import { words } from '../lib/words.mjs';

const REASON = '三层以上才装得下担架电梯，草案第五条已经按四层以上规定；您说的情形写进配套办法。';

/** Someone leaves an opinion on article 3; answers with the code of the receipt. */
async function speak(someone, words) {
  await someone.goto('/');
  await someone.follow(ELEVATORS);
  await someone.goto(`${new URL(someone.page.url()).pathname}/opinions/new?provision=art_3`);
  await someone.choose('建议修改');
  await someone.page.locator('textarea').fill(words);
  await someone.page.locator('main form').getByRole('button', { name: /提交/ }).click();
  await someone.check('leave an opinion');
  return new URL(someone.page.url()).pathname.split('/').at(-1);
}

journey('Clerk Wei answers an opinion at his desk, and the resident sees it', { device: 'desk' }, async (clerk) => {
  const words = `三层的老楼也有老人要用担架，请把他们算进来。（${clerk.js ? '甲' : '乙'}）`;
  const resident = await arrive('Grandfather Wu', { device: 'phone', js: clerk.js });
  try {
    const code = await speak(resident, words);

    await enter(clerk, 'clerk', { back: '/desk', afresh: true });
    const elevators = clerk.page.locator('main li').filter({ hasText: ELEVATORS });
    await clerk.click(elevators.getByRole('link', { name: /条待研究/ }));
    await clerk.sees('意见办理');
    await clerk.shot('queue');
    await clerk.click(clerk.page.getByRole('link', { name: /^第三条/ }).first());
    await clerk.click(clerk.page.locator('a.row').filter({ hasText: words }));
    await clerk.sees('坚持安全第一');

    // An answer without a reason is refused, and what was chosen stays chosen.
    await clerk.choose(/^\s*已体现/);
    await clerk.refused(422, () => clerk.push('答复，看下一条'));
    await clerk.sees('请写明理由');
    assert.ok(await clerk.page.getByLabel(/^\s*已体现/).isChecked(), 'the outcome stays chosen');
    await clerk.sees(words);
    await clerk.shot('no-reason');

    await clerk.page.locator('form.decide').getByLabel('理由').fill(REASON);
    await clerk.push('答复，看下一条');
    await isTold(clerk, /已经答复/);
    await clerk.shot('answered');

    await resident.goto(`/receipts/${code}`);
    await resident.sees('已体现');
    await resident.sees(REASON);
    await resident.shot('receipt');
  } finally {
    await resident.close();
  }
});

const DRAFT = (title) => `# ${title}

第一条　为了方便居民夜间出行，制定本规定。

第二条　本市住宅楼道的照明适用本规定。

第三条　楼道照明应当亮至晚上十点。

第四条　照明费用由物业服务人承担。
`;
const SECOND = (title) => `# ${title}

第一条　为了方便居民夜间出行，制定本规定。

第二条　楼道照明应当节约用电。

第三条　本市住宅楼道的照明适用本规定。

第四条　楼道照明应当亮至晚上十二点；有夜班职工的，应当通宵照明。

第五条　照明费用由物业服务人承担。
`;
const SAID = '我上夜班，十二点才到家，灯十点就灭了。';
const ADVERTISED = '专业修灯，请打广告上的电话。';
const WROTE = '写信说一句：灯要省电。';
const WHY = '夜班职工多，灯应当亮得更久。';
const BODY = '市市场监督管理局';
const WHY_CLOSED = '上级机关催办，提前研究。';
/** The worker writes opinions into a version within seconds; a busy machine gets more. */
const TRIES = 40;

/** A draft of one's own: pasted, saved, published for 35 days. Answers with the consultation's number in addresses. */
async function opens(clerk, t, title) {
  await clerk.follow(t('desk-new'));
  await clerk.fill(t('desk-source'), DRAFT(title));
  await clerk.push(t('desk-begin'));
  await clerk.sees(title);
  const id = new URL(clerk.page.url()).pathname.split('/').at(-1);
  await clerk.follow(t('desk-act-open'));
  await clerk.fill(t('desk-opens'), dayAfter(0));
  await clerk.fill(t('desk-closes'), dayAfter(35));
  await clerk.push(t('desk-do-open'));
  await isTold(clerk, t('desk-done-open'));
  return id;
}

/** A resident speaks of article 3; answers with the address of the receipt. */
async function keepsReceipt(resident, id, text) {
  await resident.goto(`/consultations/${id}/opinions/new?provision=art_3`);
  await resident.choose('建议修改');
  await resident.fill('您的意见', text);
  await resident.push('提交意见');
  await resident.sees('请记下回执码');
  return new URL(resident.page.url()).pathname;
}

async function recordsLetter(clerk, t, desk) {
  await clerk.goto(desk);
  await clerk.follow(t('desk-letter-title'));
  await clerk.fill(t('desk-letter-arrived'), dayAfter(0));
  await clerk.fill(t('desk-heard'), WROTE);
  await clerk.choose(t('desk-heard-stance'), { index: 1 });
  await clerk.push(t('desk-letter-send'));
  await clerk.sees(t('desk-letter-done'));
  assert.equal(await clerk.page.locator('.receipt-code').count(), 1, 'a receipt for the writer');
}

/** Decides the opinion at hand, which must read `text`. */
async function decides(clerk, t, text, outcome, button) {
  const hand = clerk.page.locator('#hand');
  assert.equal((await hand.locator('blockquote').first().innerText()).trim(), text);
  await clerk.choose(new RegExp(`^\\s*${t(`outcome-${outcome}`)}`));
  if (outcome === 'referred') await hand.getByLabel(t('desk-referred-to')).fill(BODY);
  await hand.locator('form.decide').getByLabel(t('desk-reason')).fill(WHY);
  await clerk.push(t(button));
}

/** All three are decided, one is hidden, and one decision is corrected. */
async function studies(clerk, t, desk) {
  await clerk.goto(desk);
  await clerk.follow(t('desk-to-queue'));
  await clerk.click(clerk.page.locator('a.row').filter({ hasText: SAID }));
  await decides(clerk, t, SAID, 'adopted', 'desk-answer');
  await isTold(clerk, t('desk-notice-decided'));

  const hide = clerk.page.locator('form[action$="/hide"]');
  await hide.getByLabel(t('desk-hide-reason')).fill('广告');
  await clerk.click(hide.getByRole('button', { name: t('desk-hide') }));
  await isTold(clerk, t('desk-notice-hidden'));
  await clerk.shot('hidden');

  await decides(clerk, t, ADVERTISED, 'referred', 'desk-answer');
  await decides(clerk, t, WROTE, 'already-covered', 'desk-answer');
  await isTold(clerk, t('desk-notice-decided-last'));

  await clerk.click(clerk.page.locator('nav.toc').getByRole('link', { name: new RegExp(`^${t('opinion-state-decided')}`) }));
  await clerk.click(clerk.page.locator('a.row').filter({ hasText: ADVERTISED }));
  await decides(clerk, t, ADVERTISED, 'not-adopted', 'desk-correct');
  await isTold(clerk, t('desk-notice-corrected'));
  await clerk.shot('corrected');
}

async function closesEarly(clerk, t, desk) {
  await clerk.goto(desk);
  await clerk.follow(t('desk-act-close'));
  await clerk.refused(422, () => clerk.push(t('desk-do-close')));
  await clerk.fill(t('desk-close-reason'), WHY_CLOSED);
  await clerk.push(t('desk-do-close'));
  await isTold(clerk, t('desk-done-close'));
}

async function publishesNext(clerk, t, desk, title) {
  await clerk.goto(desk);
  await clerk.follow(t('desk-act-next'));
  await clerk.fill(t('desk-label'), '二次审议稿');
  await clerk.attach(t('desk-file'), { name: '二次审议稿.md', mimeType: 'text/markdown', buffer: Buffer.from(SECOND(title)) });
  await clerk.push(t('desk-do-next'));
  await clerk.sees(t('desk-confirm-title'));
  await clerk.sees(t('desk-pair-changed'));
  await clerk.shot('look-before');
  await clerk.push(t('desk-publish'));
  await isTold(clerk, t('desk-done-next'));
}

/** Opinions are written into the version by a job: the desk asks for the report when none is left. */
async function waitsUntilWritten(clerk, t, desk) {
  const written = clerk.page.locator('main .fact').filter({ hasText: t('desk-fact-written') });
  for (let tries = 0; tries < TRIES; tries += 1) {
    await clerk.goto(desk);
    if (/1/.test((await written.allInnerTexts()).join())) return;
    await clerk.page.waitForTimeout(500);
  }
  assert.fail(`nothing is written after ${TRIES} tries: ${await clerk.reads()}`);
}

async function readsComparison(resident, id) {
  await resident.goto(`/consultations/${id}`);
  await resident.sees(WHY_CLOSED);
  await resident.click(`main a[href^="/consultations/${id}/compare"]`);
  const article = resident.page.locator('section.law').filter({ hasText: '第四条' }).filter({ has: resident.page.locator('.led') });
  assert.match((await article.locator('ins').allInnerTexts()).join(''), /通宵照明/, 'new characters are marked');
  assert.ok(await article.locator('del').count(), 'old characters are marked');
  assert.match(await article.locator('.led').innerText(), new RegExp(`因 1 条意见[^]*${SAID}`), 'the opinion stands under its article');
  await resident.shot('compare');
}

async function publishesResults(clerk, t, desk) {
  await clerk.goto(desk);
  await clerk.follow(t('desk-act-report'));
  await clerk.push(t('desk-do-report'));
  await isTold(clerk, t('desk-done-report'));
}

async function walksTheMainRoad(clerk, lang, mark) {
  const t = words(lang);
  const title = `启明市楼道照明规定（草案${mark}）`;
  await enter(clerk, 'clerk', { back: '/desk' });
  await clerk.page.context().addCookies([{ name: 'lang', value: lang, url: clerk.base }]);
  await clerk.goto('/desk');
  const id = await opens(clerk, t, title);
  const desk = `/desk/consultations/${id}`;
  const resident = await arrive('Nurse Tang', { device: 'phone', js: clerk.js });
  try {
    const receipt = await keepsReceipt(resident, id, SAID);
    const hidden = await keepsReceipt(resident, id, ADVERTISED);
    await recordsLetter(clerk, t, desk);
    await studies(clerk, t, desk);
    await closesEarly(clerk, t, desk);
    await publishesNext(clerk, t, desk, title);
    await waitsUntilWritten(clerk, t, desk);
    await readsComparison(resident, id);
    await publishesResults(clerk, t, desk);

    await resident.goto(receipt);
    await resident.sees('您的意见写进了草案第四条');
    await resident.sees(WHY);
    assert.match((await resident.page.locator('main ins').allInnerTexts()).join(''), /通宵照明/);
    await resident.shot('written');
    await resident.goto(hidden);
    await resident.sees('您的意见没有被采纳');
    await resident.sees('您的原话已经隐去');
    await resident.goto(`/consultations/${id}/responses`);
    await resident.sees(WROTE);
    assert.ok(!(await resident.reads()).includes(ADVERTISED), 'hidden words are hidden');
  } finally {
    await resident.close();
  }
}

journey('A clerk takes the draft to its next version, in English', { device: 'desk' }, (clerk) =>
  walksTheMainRoad(clerk, 'en', clerk.js ? '甲' : '乙'),
);
