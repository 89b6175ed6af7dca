// The demo city as the journeys know it: who can sign in, and which consultation stands where.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { totp } from './totp.mjs';

/** Consultations of the demo, by the start of their titles. */
export const ELEVATORS = /启明市住宅电梯安全条例/;
export const DOGS = /启明市文明养犬条例/;

const STEP_MS = 30_000;
const SOON_MS = 5_000;

/** Sessions of this process by role, so that only journeys about signing in spend an attempt: those are limited. */
const sessions = new Map();
/** Where the processes of a run note which codes are used: a code is good once. */
const NOTED = 'used-codes.json';

function login(role) {
  const folder = process.env.QUANCHENG_DATA;
  if (!folder) throw new Error('QUANCHENG_DATA is not set: run `cargo xtask e2e`');
  const found = JSON.parse(readFileSync(join(folder, 'demo.json'), 'utf8')).logins.find((l) => l.role === role);
  assert.ok(found, `the demo has no login for ${role}`);
  return found;
}

/** A code that has not been used: the present one, or the next, which the server takes as well. */
async function freshCode(person, role, secret) {
  const step = () => Math.floor(Date.now() / STEP_MS);
  const file = join(process.env.QUANCHENG_DATA, NOTED);
  const used = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const next = Math.max(step(), (used[role] ?? 0) + 1);
  for (const end = Date.now() + 2 * STEP_MS; next > step() + 1 && Date.now() < end; ) await person.page.waitForTimeout(500);
  writeFileSync(file, JSON.stringify({ ...used, [role]: next }));
  return totp(secret, next * STEP_MS);
}

/**
 * Lets `person` in as `role` ('clerk', 'chair', 'deputy', 'admin', 'security', 'auditor'); `back` is where they come out. With
 * `afresh` they always use the form; else only the first of this file does, and later ones bring that session along.
 */
export async function enter(person, role, { back = '/', afresh = false } = {}) {
  const cookies = sessions.get(role);
  if (cookies && !afresh) {
    await person.page.context().addCookies(cookies);
    await person.goto(back);
    return;
  }
  const { login: name, password, totp_secret: secret } = login(role);
  await person.goto(`/sign-in?back=${encodeURIComponent(back)}`);
  await person.fill('登录名', name);
  await person.fill('密码', password);
  await person.click(person.page.locator('main').getByRole('button', { name: '登录' }));
  await person.sees('输入验证码');
  await person.fill('验证码', await freshCode(person, role, secret));
  await person.push('继续');
  assert.ok(!person.page.url().includes('/sign-in'), `${role} is not let in: ${await person.reads()}`);
  sessions.set(role, (await person.page.context().cookies()).filter((c) => c.name.endsWith('session')));
}

/** Fails unless the whole page, notices above the main part as well, says `text`, now or within a few seconds. */
export async function isTold(person, text) {
  await person.page.locator('body').getByText(text).first().waitFor({ timeout: SOON_MS });
}

/** The day `days` after today in China, as a date field holds it. */
export function dayAfter(days) {
  return new Date(Date.now() + days * 86_400_000).toLocaleDateString('sv-SE', { timeZone: 'Asia/Shanghai' });
}
