import { arrive, journey } from '../lib/journey.mjs';
import { ELEVATORS, enter, isTold } from '../lib/demo.mjs';

const WHY = '涉及费用分担，由业主共同决定，条例不作统一规定。';

/** Aunt Lin speaks of article 5; answers with the path of the receipt. */
async function speak(lin, words) {
  await lin.goto('/');
  await lin.follow(ELEVATORS);
  await lin.goto(`${new URL(lin.page.url()).pathname}/opinions/new?provision=art_5`);
  await lin.choose('不赞成');
  await lin.page.locator('textarea').fill(words);
  await lin.page.locator('main form').getByRole('button', { name: /提交/ }).click();
  await lin.check('leave an opinion');
  return new URL(lin.page.url()).pathname;
}

/** Takes the opinion that says `words` up at the desk. */
async function takesUp(clerk, desk, words) {
  await clerk.goto(`${desk}/queue?state=all&provision=art_5`);
  await clerk.click(clerk.page.locator('a.row').filter({ hasText: words }));
}

journey('Aunt Lin takes back what she wrote in haste', { device: 'phone' }, async (lin) => {
  const words = `写急了，这一条不算。（${lin.js ? '甲' : '乙'}）`;
  const receipt = await speak(lin, words);
  await lin.goto(receipt);
  if (lin.js) lin.page.once('dialog', (dialog) => dialog.accept());
  await lin.push('撤回这条意见');
  await lin.sees('您已撤回这条意见');
  await lin.shot('taken-back');
});

journey('Aunt Lin is not content, asks for another look, and later has her words erased', { device: 'phone' }, async (lin) => {
  const words = `我是七栋的林某某，一楼不坐电梯，不该摊钱。（${lin.js ? '甲' : '乙'}）`;
  const again = '答复没有说一楼。请再看看。';
  const receipt = await speak(lin, words);
  const clerk = await arrive('Clerk Wei', { device: 'desk', js: lin.js });
  try {
    await enter(clerk, 'clerk', { back: '/desk' });
    await clerk.click(clerk.page.locator('main li').filter({ hasText: ELEVATORS }).getByRole('link').first());
    const desk = new URL(clerk.page.url()).pathname.replace(/\/queue.*/, '');
    await takesUp(clerk, desk, words);
    await clerk.choose(/^\s*未采纳/);
    await clerk.page.locator('form.decide').getByLabel('理由').fill(WHY);
    await clerk.push('答复，看下一条');
    await isTold(clerk, /已经答复/);

    await lin.goto(receipt);
    await lin.sees(WHY);
    await lin.page.locator('form[action$="/ask-again"] textarea').fill(again);
    await lin.page.locator('form[action$="/ask-again"] button').click();
    await lin.check('ask for another look');
    await lin.sees('本人请求再看看');
    await lin.sees(again);

    await takesUp(clerk, desk, words);
    await clerk.sees(again);
    await clerk.page.locator('summary').filter({ hasText: '删除原话' }).click();
    await clerk.fill('删除理由（会公开）', '本人凭回执码要求删除。');
    if (clerk.js) clerk.page.once('dialog', (dialog) => dialog.accept());
    await clerk.page.locator('form[action$="/erase"] button').click();
    await clerk.check('erase the words');
    await isTold(clerk, /原话已经删除/);
    await clerk.shot('erased');

    await lin.goto(receipt);
    await lin.sees('您的原话已经删除');
    if ((await lin.reads()).includes('林某某')) throw new Error('the words are still there');
    await lin.shot('erased');
  } finally {
    await clerk.close();
  }
});
