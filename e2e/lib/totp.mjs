// One-time codes of a second factor (RFC 6238, SHA-1, 30 s, 6 digits), computed as an authenticator app would.

import { createHmac } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function base32(text) {
  let bits = '';
  for (const c of text.toUpperCase().replace(/[\s=-]/g, '')) {
    const value = ALPHABET.indexOf(c);
    if (value < 0) throw new Error(`not base32: ${JSON.stringify(c)}`);
    bits += value.toString(2).padStart(5, '0');
  }
  return Buffer.from(bits.match(/.{8}/g)?.map((b) => parseInt(b, 2)) ?? []);
}

/** The code that an authenticator holding `secret` (base32) shows at `now` (milliseconds). */
export function totp(secret, now = Date.now()) {
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const mac = createHmac('sha1', base32(secret)).update(step).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
