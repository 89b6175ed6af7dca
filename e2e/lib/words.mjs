// The words of the consultation's pages in one language, by their keys, so that one walk reads in both.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const LOCALES = new URL('../../domains/consultation/locales/', import.meta.url);

/** Answers with a function from a key of the catalogues to its words; only messages of one line without variables. */
export function words(lang) {
  const texts = [`${lang}.ftl`, `desk-${lang}.ftl`].map((file) => readFileSync(new URL(file, LOCALES), 'utf8')).join('\n');
  const found = new Map([...texts.matchAll(/^([a-z0-9-]+) = ([^{\n]+)$/gm)].map(([, key, text]) => [key, text.trim()]));
  return (key) => {
    assert.ok(found.has(key), `no plain text ${key} in ${lang}`);
    return found.get(key);
  };
}
