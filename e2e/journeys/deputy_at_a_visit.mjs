import assert from 'node:assert/strict';
import { journey } from '../lib/journey.mjs';
import { ELEVATORS, dayAfter, enter } from '../lib/demo.mjs';

journey('Deputy Jiang writes down what was said at a visit, and hands out the receipts', { device: 'phone' }, async (deputy) => {
  await enter(deputy, 'deputy', { back: '/visits/new' });
  // With one draft open the form comes at once; with several, the deputy says which.
  const which = deputy.page.locator('main').getByRole('link', { name: ELEVATORS });
  if (!(await deputy.page.getByLabel('走访的单位').count())) await deputy.click(which.first());
  await deputy.sees(ELEVATORS);
  await deputy.assertTargets();

  const said = deputy.js ? '上午去的' : '下午去的';
  await deputy.fill('走访的单位', `望星街道望星社区（${said}）`);
  await deputy.fill('走访日期', dayAfter(0));
  const first = deputy.page.getByRole('group', { name: '意见 1' });
  const second = deputy.page.getByRole('group', { name: '意见 2' });
  await first.getByLabel('原话').fill(`电梯坏了要贴张纸，写清楚几点能修好。${said}`);
  await second.getByLabel('原话').fill(`加装电梯的钱一楼不该一样出。${said}`);
  await second.getByLabel('说的是哪一条').selectOption({ index: 8 });
  await deputy.check('write down two opinions');

  // The head-count is forgotten: refused in words, and nothing typed is lost.
  await deputy.refused(422, () => deputy.push('保存，取回执'));
  await deputy.sees('请填写数字');
  assert.equal(await first.getByLabel('原话').inputValue(), `电梯坏了要贴张纸，写清楚几点能修好。${said}`);
  await deputy.shot('refused');

  await deputy.fill('听取意见的人次', '14');
  await deputy.push('保存，取回执');
  await deputy.sees('走访已经记下');
  await deputy.sees('14 人次');
  const codes = await deputy.page.locator('.receipt-code').allInnerTexts();
  assert.equal(new Set(codes).size, 2, `two receipts: ${codes}`);
  await deputy.assertTargets();
  await deputy.shot('receipts');

  // The page is sent again, as phones do when they wake up: nothing is recorded twice.
  await deputy.page.reload();
  await deputy.check('send the same form again');
  await deputy.sees('没有重复记录');
  assert.deepEqual(await deputy.page.locator('.receipt-code').allInnerTexts(), codes);

  await deputy.follow(`打开回执 ${codes[0]}`);
  await deputy.sees('写清楚几点能修好');
  await deputy.sees('代表走访听取');
});
