// Journeys: a sentence about a person, and what they do, run in a real browser against a running Quancheng.
//
//   journey('Grandmother Lin says what she thinks of article 12', { device: 'phone' }, async (lin) => { … });
//
// Each journey runs twice, with JavaScript and without, unless its options say otherwise.

import { after, test } from 'node:test';
import { chromium, devices } from 'playwright-core';
import { Person } from './person.mjs';

const DEVICES = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, userAgent: devices['Pixel 7'].userAgent },
  desk: { viewport: { width: 1440, height: 900 } },
};

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const ACT_LIMIT_MS = 15_000;

let launched;

/** The one browser of this file, started when it is first needed, with a profile of its own that goes with it. */
function browser() {
  launched ??= chromium.launch({ executablePath: process.env.QUANCHENG_CHROMIUM ?? '/usr/bin/chromium', args: ARGS });
  return launched;
}

after(async () => {
  if (launched) await (await launched).close();
});

/** The origin under test. */
export function origin() {
  const url = process.env.QUANCHENG_URL;
  if (!url) throw new Error('QUANCHENG_URL is not set: run `cargo xtask e2e`');
  return new URL(url).origin;
}

/** A new person with a browser of their own (cookies and all); `close()` ends it. */
export async function arrive(title, { device = 'desk', js = true, lang = 'zh-CN', theme = 'light', type = 'normal', base = origin() } = {}) {
  const context = await (await browser()).newContext({ ...DEVICES[device], javaScriptEnabled: js, locale: lang, colorScheme: theme, reducedMotion: 'reduce' });
  context.setDefaultTimeout(ACT_LIMIT_MS);
  // The site's own preferences, as its settings form would set them.
  await context.addCookies(Object.entries({ lang, theme, type }).map(([name, value]) => ({ name, value, url: base })));
  const page = await context.newPage();
  const person = new Person(page, { base, js, title });
  await context.route(
    (url) => url.origin !== base && !['data:', 'blob:'].includes(url.protocol),
    (route) => {
      person.note(`request leaving the origin: ${route.request().url()}`);
      return route.abort();
    },
  );
  person.close = () => context.close();
  return person;
}

/**
 * Registers a journey. `options.js`: true, false, or left out for both; `device`: 'phone' or 'desk'; `lang`, `theme`
 * ('light', 'dark'), `type` ('normal', 'big').
 */
export function journey(name, options, walk) {
  for (const js of options.js === undefined ? [true, false] : [options.js]) {
    const title = js ? name : `${name} (no JavaScript)`;
    test(title, async () => {
      const person = await arrive(title, { ...options, js });
      try {
        await walk(person);
        await person.check('the end');
      } catch (fault) {
        await person.shot('failed').catch(() => {});
        throw fault;
      } finally {
        await person.close();
      }
    });
  }
}

export { totp } from './totp.mjs';
