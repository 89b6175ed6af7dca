// Accessibility of the page as it stands, by axe-core, with or without the page's own JavaScript.
//
// axe is injected directly rather than through its Playwright wrapper: the wrapper waits for timers, and a page whose
// scripts are switched off has none. Code evaluated from outside still runs there, so handing axe a timer made of
// microtasks is all it needs; nothing else in such a page could miss the real one.

import axe from 'axe-core';

/** Every violation on the page, as lines a person can act on; empty when there is none. */
export async function violations(page, { js }) {
  if (!js) {
    await page.evaluate(() => {
      window.setTimeout = (f, _delay, ...args) => {
        Promise.resolve().then(() => f(...args));
        return 0;
      };
    });
  }
  await page.evaluate(axe.source);
  const found = await page.evaluate(() =>
    // The page is same-origin throughout and its media are its own: no preloading.
    window.axe.run(document, { preload: false, resultTypes: ['violations'] }).then((r) => r.violations),
  );
  return found.flatMap((v) =>
    v.nodes.map((n) => `${v.id} (${v.impact}): ${v.help}\n      ${n.target.join(' ')}\n      ${n.html.slice(0, 160)}`),
  );
}
