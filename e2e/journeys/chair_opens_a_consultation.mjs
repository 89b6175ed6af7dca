import assert from 'node:assert/strict';
import { arrive, journey } from '../lib/journey.mjs';
import { dayAfter, enter } from '../lib/demo.mjs';

const DRAFT = (name) => `# ${name}

第一条　为了方便居民在家门口借书、看书，制定本规定。

第二条　社区图书角每天至少开放八小时，双休日和节假日也应当开放。

图书角可以设在居民活动室、物业服务用房等处。

第三条　借书不收押金；六十五周岁以上的居民可以请工作人员送书上门。

第四条　本规定自公布之日起施行。
`;

journey('Chair Yin opens a consultation on a draft', { device: 'desk' }, async (chair) => {
  const name = `启明市社区图书角管理规定（${chair.js ? '草案' : '草案第二稿'}）`;
  await enter(chair, 'chair', { back: '/desk' });
  await chair.follow('新建征求意见');

  // Nothing handed in, then a picture: refused in words.
  await chair.refused(422, () => chair.push('保存草案'));
  await chair.attach('上传文件', { name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from('89504e470d0a1a0a', 'hex') });
  await chair.fill('说明', '借书方便不方便，您说了算。');
  await chair.refused(422, () => chair.push('保存草案'));
  await chair.sees('photo.png');
  assert.equal(await chair.page.getByLabel('说明').inputValue(), '借书方便不方便，您说了算。');
  await chair.shot('refused-file');

  await chair.attach('上传文件', { name: '草案.md', mimeType: 'text/markdown', buffer: Buffer.from(DRAFT(name)) });
  await chair.push('保存草案');
  await chair.sees(name);
  await chair.sees('草案还没有公布');
  await chair.shot('draft');

  await chair.follow('公布草案，开始征求意见');
  await chair.sees('30');
  await chair.fill('开始日期', dayAfter(0));
  await chair.fill('截止日期', dayAfter(10));
  await chair.refused(422, () => chair.push('公布草案'));
  await chair.sees(/少于/);
  assert.equal(await chair.page.getByLabel('截止日期').inputValue(), dayAfter(10));
  await chair.shot('too-short');

  await chair.fill('截止日期', dayAfter(35));
  await chair.push('公布草案');
  await chair.sees('正在征求意见');
  await chair.shot('open');

  const resident = await arrive('Whoever comes by', { device: 'phone', js: chair.js });
  try {
    await resident.goto('/consultations');
    await resident.follow(new RegExp(name));
    await resident.sees('六十五周岁以上的居民可以请工作人员送书上门');
    await resident.shot('public');
  } finally {
    await resident.close();
  }
});
