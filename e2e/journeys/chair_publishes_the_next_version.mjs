import { arrive, journey } from '../lib/journey.mjs';
import { dayAfter, enter, isTold } from '../lib/demo.mjs';

const SECOND = '社区图书角每天至少开放八小时';
const draft = (name, hours, more) => `# ${name}

第一条　为了方便居民在家门口借书、看书，制定本规定。

第二条　${SECOND}，${hours}。
${more}
第三条　借书不收押金。
`;
const file = (name, text) => ({ name, mimeType: 'text/markdown', buffer: Buffer.from(text) });

/** Someone leaves an opinion on article 2 of the consultation at `path`; answers with the code of the receipt. */
async function speak(someone, path, words) {
  await someone.goto(`${path}/opinions/new?provision=art_2`);
  await someone.choose('建议修改');
  await someone.page.locator('textarea').fill(words);
  await someone.page.locator('main form').getByRole('button', { name: /提交/ }).click();
  await someone.check('leave an opinion');
  return new URL(someone.page.url()).pathname.split('/').at(-1);
}

/** Takes the opinion that says `words` up at the desk. */
async function takeUp(chair, words) {
  await chair.click(chair.page.locator('a.row').filter({ hasText: words }));
}

/** Looks again until the page says `text`: the work is done behind it. */
async function looksUntil(someone, path, text) {
  for (let tries = 0; tries < 60; tries += 1) {
    await someone.page.goto(new URL(path, someone.base).href, { waitUntil: 'load' });
    if ((await someone.reads()).includes(text)) break;
    await someone.page.waitForTimeout(250);
  }
  await someone.check(`look at ${path}`);
  await someone.sees(text);
}

journey('Chair Yin takes a draft to its next version, and the resident finds her words in it', { device: 'desk' }, async (chair) => {
  const name = `启明市社区图书角开放规定（${chair.js ? '草案' : '草案另一稿'}）`;
  await enter(chair, 'chair', { back: '/desk' });
  await chair.follow('新建征求意见');
  await chair.attach('上传文件', file('草案.md', draft(name, '双休日也应当开放', '')));
  await chair.push('保存草案');
  await chair.follow('公布草案，开始征求意见');
  await chair.fill('开始日期', dayAfter(0));
  await chair.fill('截止日期', dayAfter(35));
  await chair.push('公布草案');
  await chair.sees('正在征求意见');
  const desk = new URL(chair.page.url()).pathname;
  const path = desk.replace('/desk', '');

  const lin = await arrive('Aunt Lin', { device: 'phone', js: chair.js });
  try {
    const words = '下班以后也想去看书，请开到晚上九点。';
    const code = await speak(lin, path, words);
    const rude = '管图书角的某某电话是12345，天天不开门。';
    await speak(lin, path, rude);

    // One is adopted; the other has a telephone number: its words are hidden, and it is answered all the same.
    await chair.goto(`${desk}/queue`);
    await takeUp(chair, words);
    await chair.choose(/^\s*采纳/);
    await chair.page.locator('form.decide').getByLabel('理由').fill('下班的人也要看书，第二条写明开到晚上九点。');
    await chair.push('答复，看下一条');
    await isTold(chair, /已经答复/);
    await chair.goto(`${desk}/queue`);
    await takeUp(chair, rude);
    await chair.fill('理由（会公开）', '写了别人的电话。');
    await chair.click(chair.page.getByRole('button', { name: '隐去', exact: true }));
    await chair.goto(`${desk}/queue`);
    await takeUp(chair, '某某电话');
    await chair.choose(/^\s*转办/);
    await chair.page.locator('form.decide').getByLabel('理由').fill('开门的事由图书角所在街道负责。');
    await chair.refused(422, () => chair.push('答复，看下一条'));
    await chair.sees('转办要写明转给哪个单位');
    await chair.fill('转给哪个单位', '文昌街道办事处');
    await chair.push('答复，看下一条');
    await lin.goto(`${path}/opinions`);
    await lin.sees('写了别人的电话。');

    await chair.goto(desk);
    await chair.follow('提前截止');
    await chair.refused(422, () => chair.push('截止'));
    await chair.fill('提前截止的理由', '各方意见一致，尽早修改。');
    await chair.push('截止');
    await isTold(chair, /已经截止/);
    await lin.goto(path);
    await lin.sees('各方意见一致，尽早修改。');

    await chair.follow('公布新版本');
    await chair.fill('文本名称', '二次审议稿');
    await chair.attach('上传文件', file('二稿.md', draft(name, '双休日也应当开放，平日开到晚上九点', '\n图书角的开放时间应当张贴在门口。\n')));
    await chair.push('看看改了哪些');
    await chair.sees('平日开到晚上九点');
    await chair.shot('what-changes');
    await chair.push('公布新版本');
    await isTold(chair, /新版本已经公布/);

    await looksUntil(lin, `/receipts/${code}`, '写入新版本第二条');
    await lin.sees('平日开到晚上九点');
    await lin.shot('receipt');
    await looksUntil(chair, `${path}/compare`, words);
    await chair.sees(/因 1 条意见/);
    await chair.shot('comparison');

    await chair.goto(desk);
    await chair.follow('公布采纳情况');
    await chair.push('公布采纳情况');
    await isTold(chair, /采纳情况已经公布/);
    await lin.goto(`${path}/responses`);
    await lin.sees('下班的人也要看书，第二条写明开到晚上九点。');
    await lin.sees('转办（文昌街道办事处）');
    await lin.shot('responses');
  } finally {
    await lin.close();
  }
});
