// A person at a browser: what they can do, and what must hold after each thing they do.
//
// After every act the page is read by axe (unless nothing on it changed since the last reading), and anything the page
// did behind the person's back is a failure: a request to another origin, an error in the console, a breach of the
// content security policy.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { totp } from './totp.mjs';
import { violations } from './axe.mjs';

const MIN_TARGET_PX = 44;
const SEEN_WITHIN_MS = 5_000;

export class Person {
  #faults = [];
  #allowed = new Set();
  #read = '';
  #shots = 0;

  constructor(page, { base, js, title }) {
    this.page = page;
    this.base = base;
    this.js = js;
    this.title = title;
    page.on('console', (m) => m.type() === 'error' && this.#fault(`console: ${m.text()} (${m.location().url})`));
    page.on('pageerror', (e) => this.#fault(`script error: ${e.message}`));
  }

  /** Notes a fault of the page; it fails the journey after the act in which it happened. */
  note(fault) {
    this.#fault(fault);
  }

  #fault(text) {
    const status = /status of (\d{3})/.exec(text)?.[1];
    if (status && this.#allowed.has(Number(status))) return;
    this.#faults.push(text);
  }

  // ---- acts -------------------------------------------------------------------------------------------------------

  /** Opens a page of the site by its path. Answers with the status. */
  async goto(path) {
    const url = new URL(path, this.base).href;
    const response = await this.page.goto(url, { waitUntil: 'load' });
    await this.check(`open ${path}`);
    return response?.status();
  }

  /** Clicks what a selector, or a locator, points at. */
  async click(target) {
    await this.#at(target).click();
    await this.check(`click ${target}`);
  }

  /** Follows the link that reads `name`. */
  async follow(name) {
    await this.click(this.page.getByRole('link', { name }).first());
  }

  /** Presses the button that reads `name`. */
  async push(name) {
    await this.click(this.page.getByRole('button', { name }).first());
  }

  /** Writes into the field labelled `label`. */
  async fill(label, text) {
    await this.page.getByLabel(label).first().fill(text);
    await this.check(`fill ${label}`);
  }

  /** Chooses an option of the list, or the radio button or box, labelled `label`. */
  async choose(label, option) {
    const field = this.page.getByLabel(label).first();
    if (option === undefined) await field.check();
    else await field.selectOption(option);
    await this.check(`choose ${label}`);
  }

  /** Puts files (`{name, mimeType, buffer}` or paths) into the field labelled `label`. */
  async attach(label, files) {
    await this.page.getByLabel(label).first().setInputFiles(files);
    await this.check(`attach ${label}`);
  }

  /** Presses a key or a chord, as `Tab` or `Control+Enter`. */
  async press(key) {
    await this.page.keyboard.press(key);
    await this.check(`press ${key}`);
  }

  /** Does something that the server must refuse with `status`; the browser's own complaint of it is then no fault. */
  async refused(status, act) {
    this.#allowed.add(status);
    const answered = this.page.waitForResponse((r) => r.status() === status);
    await Promise.all([answered, act()]);
    await this.check(`be refused with ${status}`);
    this.#allowed.delete(status);
  }

  /** Signs in at `path` with name, password and, where `secret` is given, the code of the second factor. */
  async signIn({ name, password, secret }, labels = {}) {
    const l = { path: '/sign-in', name: /用户名|账号|user name|account/i, password: /密码|password/i, code: /验证码|code/i, button: /登录|sign in/i, ...labels };
    await this.goto(l.path);
    await this.fill(l.name, name);
    await this.fill(l.password, password);
    const together = secret && (await this.page.getByLabel(l.code).count()) > 0;
    if (together) await this.fill(l.code, totp(secret));
    await this.push(l.button);
    if (secret && !together) {
      await this.fill(l.code, totp(secret));
      await this.page.getByRole('button').last().click();
      await this.check('give the code');
    }
  }

  // ---- what is seen -----------------------------------------------------------------------------------------------

  /** The text of the page's main part, as a person reads it. */
  async reads() {
    return this.page.locator('main').first().innerText();
  }

  /** Fails unless the main part of the page says `text` (a string or a pattern), now or within a few seconds. */
  async sees(text) {
    let all = '';
    for (const end = Date.now() + SEEN_WITHIN_MS; Date.now() < end; await this.page.waitForTimeout(50)) {
      all = await this.reads();
      if (typeof text === 'string' ? all.includes(text) : text.test(all)) return;
    }
    assert.fail(`${this.title}: the page at ${this.page.url()} does not say ${text}; it says:\n${all.slice(0, 1200)}`);
  }

  /** A picture of the page, in the folder that QUANCHENG_SHOTS names; nothing without it. */
  async shot(name) {
    const folder = process.env.QUANCHENG_SHOTS;
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    this.#shots += 1;
    const file = `${this.title}-${this.#shots}-${name}`.replace(/[^\p{L}\p{N}]+/gu, '-');
    await this.page.screenshot({ path: join(folder, `${file}.png`), fullPage: true });
  }

  // ---- what must hold ---------------------------------------------------------------------------------------------

  /** Everything that must hold of a page, read now. Acts call it themselves. */
  async check(act) {
    await this.page.waitForLoadState('load');
    if (this.js) await this.#settled();
    const found = (await this.#changed()) ? await violations(this.page, { js: this.js }) : [];
    const faults = [...this.#faults.splice(0), ...found];
    assert.equal(faults.length, 0, `${this.title}, after ${act}, at ${this.page.url()}:\n  - ${faults.join('\n  - ')}`);
  }

  /** Fails if anything that can be pressed is smaller than 44 × 44 px; links inside running text are exempt. */
  async assertTargets() {
    const small = await this.page.evaluate((min) => {
      const inline = (e) => e.tagName === 'A' && getComputedStyle(e).display === 'inline' && e.closest('p, li, td, dd, blockquote, figcaption');
      // A box or radio is pressed by its label as well: what counts is the larger of the two.
      const box = (e) => [e, ...(e.labels ?? [])].map((x) => x.getBoundingClientRect()).reduce((a, b) => (a.width * a.height > b.width * b.height ? a : b));
      return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab]')]
        .filter((e) => e.checkVisibility() && !inline(e))
        .map((e) => [e, box(e)])
        // Two pixels wide or less is text for screen readers, shown only when focused (a skip link).
        .filter(([, r]) => r.width > 2 && (r.width < min - 0.5 || r.height < min - 0.5))
        .map(([e, r]) => `${e.outerHTML.slice(0, 100)} is ${Math.round(r.width)} × ${Math.round(r.height)}`);
    }, MIN_TARGET_PX);
    assert.equal(small.length, 0, `${this.title}: targets under ${MIN_TARGET_PX} px at ${this.page.url()}:\n  - ${small.join('\n  - ')}`);
  }

  #at(target) {
    return typeof target === 'string' ? this.page.locator(target).first() : target;
  }

  /** Waits until htmx has put in what it fetched. */
  async #settled() {
    await this.page.waitForFunction(() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling'));
  }

  /** Whether the page is another than the one last read. */
  async #changed() {
    const now = createHash('sha256').update(this.page.url()).update(await this.page.content()).digest('hex');
    const changed = now !== this.#read;
    this.#read = now;
    return changed;
  }
}
