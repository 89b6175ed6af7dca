import { arrive, journey } from '../lib/journey.mjs';
import { ELEVATORS, enter, isTold } from '../lib/demo.mjs';

const REASON = '值班人员要在十五分钟内到场，草案第三条已经写明；张贴电话的做法写进配套办法。';
/** Finding takes seconds; a busy machine gets more. */
const TRIES = 40;

/** Someone hands in a text that goes round; answers with the path of the receipt. */
async function speak(someone, path, words) {
  await someone.goto(`${path}/opinions/new?provision=art_3`);
  await someone.choose('建议修改');
  await someone.page.locator('textarea').fill(words);
  await someone.page.locator('main form').getByRole('button', { name: /提交/ }).click();
  await someone.check('leave an opinion');
  return new URL(someone.page.url()).pathname;
}

/** Looks again until the group that begins with `words` is found. */
async function finds(clerk, path, words) {
  const group = clerk.page.locator('tbody a').filter({ hasText: words.slice(0, 12) });
  for (let tries = 0; tries < TRIES && (await group.count()) === 0; tries += 1) {
    await clerk.page.waitForTimeout(250);
    await clerk.page.goto(new URL(path, clerk.base).href, { waitUntil: 'load' });
  }
  await clerk.check('look for the group');
  await clerk.click(group.first());
}

journey('Clerk Wei answers what three neighbours copied in one act, and each receipt tells it', { device: 'desk' }, async (clerk) => {
  const copied = clerk.js
    ? '电梯里要贴上值班电话，半夜困在里面的老人才知道打给谁，请写进条例。'
    : '每次检修以前请提前两天在楼门口写明，接送老人看病的人家好早作安排。';
  const neighbour = await arrive('Neighbour Gao', { device: 'phone', js: clerk.js });
  try {
    await neighbour.goto('/');
    await neighbour.follow(ELEVATORS);
    const path = new URL(neighbour.page.url()).pathname;
    const receipts = [];
    for (const words of [copied, `您好！${copied}谢谢。`, copied.replace('老人', '孩子')]) receipts.push(await speak(neighbour, path, words));

    await enter(clerk, 'clerk', { back: `/desk${path}` });
    await clerk.follow('相近意见');
    await clerk.click(clerk.page.locator('main form').getByRole('button', { name: /找/ }));
    await isTold(clerk, /正在找/);
    await finds(clerk, `/desk${path}/alike`, copied);
    await clerk.sees('相近意见 3 条');
    await clerk.sees('孩子');
    await clerk.shot('differences');

    await clerk.choose(/^\s*已体现/);
    await clerk.refused(422, () => clerk.push('一次答复'));
    await clerk.sees('请写明理由');
    await clerk.page.locator('form.decide').getByLabel('理由').fill(REASON);
    await clerk.push('一次答复');
    await isTold(clerk, /已经答复 3 条意见/);
    await clerk.sees('这一组都已经答复');
    await clerk.shot('answered');

    for (const receipt of receipts) {
      await neighbour.goto(receipt);
      await neighbour.sees(REASON);
    }
  } finally {
    await neighbour.close();
  }
});
