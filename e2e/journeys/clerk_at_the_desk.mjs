import assert from 'node:assert/strict';
import { arrive, journey } from '../lib/journey.mjs';
import { ELEVATORS, enter, isTold } from '../lib/demo.mjs';

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
