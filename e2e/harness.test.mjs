// Proves that the journeys' own checks bite: each fault below must be caught, and a clean page must pass.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { arrive } from './lib/journey.mjs';
import { totp } from './lib/totp.mjs';

const page = (body, head = '') =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title><meta name="viewport" content="width=device-width">${head}</head><body><main><h1>A page</h1>${body}</main></body></html>`;

const FORM = '<form method="post" action="/form"><label>Your words <input name="text"></label><button style="min-width:44px;min-height:44px">Send</button></form>';

const PAGES = {
  '/clean': page('<p>Nothing wrong. <a href="/clean">Here again</a> it stays clean.</p><button style="width:44px;height:44px">Go</button>'),
  '/no-alt': page('<p>Next: <a href="/no-alt-here">a picture</a> without words.</p>'),
  '/no-alt-here': page('<img src="/dot.svg">'),
  '/pale': page('<p style="color:#bbb;background:#fff">Too pale to read</p>'),
  '/off-origin': page('<p>Calls out.</p><img alt="elsewhere" src="http://127.0.0.2:9/pixel.png">'),
  '/script-error': page('<p>Breaks.</p>', '<script src="/broken.js"></script>'),
  '/csp': page('<p>Inline script.</p>', '<script>document.title = "x"</script>'),
  '/small': page('<button style="width:20px;height:20px">x</button>'),
  '/form': page(FORM),
};

const FILES = { '/dot.svg': ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>'], '/broken.js': ['text/javascript', 'throw new Error("broken")'] };

function answer(request, response) {
  const path = request.url.split('?')[0];
  response.setHeader('content-security-policy', "default-src 'self' http://127.0.0.2:9; style-src 'unsafe-inline'");
  if (FILES[path]) return response.setHeader('content-type', FILES[path][0]).end(FILES[path][1]);
  response.setHeader('content-type', 'text/html; charset=utf-8');
  if (request.method === 'POST') return response.writeHead(422).end(page(`<p>Say something first.</p>${FORM}`));
  response.writeHead(PAGES[path] ? 200 : 404).end(PAGES[path] ?? page('<p>Not found.</p>'));
}

const server = createServer(answer);
let base;

before(async () => {
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${server.address().port}`;
});

after(() => server.close());

async function visit(options, walk) {
  const person = await arrive('Harness', { base, ...options });
  try {
    await walk(person);
  } finally {
    await person.close();
  }
}

for (const js of [true, false]) {
  for (const device of ['phone', 'desk']) {
    const where = `${device}, JavaScript ${js ? 'on' : 'off'}`;

    test(`a clean page passes (${where})`, () =>
      visit({ js, device }, async (p) => {
        assert.equal(await p.goto('/clean'), 200);
        await p.follow('Here again');
        await p.press('Tab');
        await p.sees('Nothing wrong');
        await p.assertTargets();
      }));

    test(`a picture without words is caught after a click (${where})`, () =>
      visit({ js, device }, async (p) => {
        await p.goto('/no-alt');
        await assert.rejects(() => p.follow('a picture'), /image-alt/);
      }));

    test(`pale text is caught (${where})`, () =>
      visit({ js, device }, (p) => assert.rejects(() => p.goto('/pale'), /color-contrast/)));

    test(`a request leaving the origin is caught (${where})`, () =>
      visit({ js, device }, (p) => assert.rejects(() => p.goto('/off-origin'), /leaving the origin/)));

    test(`a target under 44 px is caught (${where})`, () =>
      visit({ js, device }, async (p) => {
        await p.goto('/small');
        await assert.rejects(() => p.assertTargets(), /20 × 20/);
      }));

    test(`a refusal is a fault unless it is expected (${where})`, () =>
      visit({ js, device }, async (p) => {
        await p.goto('/form');
        await p.fill('Your words', '');
        await p.refused(422, () => p.push('Send'));
        await p.sees('Say something first');
        await assert.rejects(() => p.push('Send'), /422/);
      }));
  }
}

test('a script that breaks is caught', () => visit({}, (p) => assert.rejects(() => p.goto('/script-error'), /script error: broken/)));

test('a breach of the content security policy is caught', () => visit({}, (p) => assert.rejects(() => p.goto('/csp'), /Content Security Policy/i)));

test('a missing page is a fault', () => visit({}, (p) => assert.rejects(() => p.goto('/nowhere'), /404/)));

test('one-time codes agree with RFC 6238, appendix B', () => {
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  const last6 = { 59: '287082', 1111111109: '081804', 1111111111: '050471', 1234567890: '005924', 2000000000: '279037' };
  for (const [seconds, code] of Object.entries(last6)) assert.equal(totp(secret, seconds * 1000), code);
});
