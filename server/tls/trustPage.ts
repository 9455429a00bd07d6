// The page that helps a phone to trust the CA of this installation: read before there is any trust, so it is plain, without code, and says what to compare.
import { createHash } from 'node:crypto';
import { renderSVG } from 'uqr';
import type { App } from '../parts.ts';
import { Problem } from '../../contract/problem.ts';
import type { SiteCa } from './siteCa.ts';
import { TRUST_WORDS } from './trustWords.ts';

export type TrustAnswer = { headers: Record<string, string>; body: string | Buffer };
type Asked = { path: string; query: string; acceptLanguage: string; ca: Pick<SiteCa, 'pem' | 'der' | 'fingerprint256' | 'endsAtMs'>; /** Where the secured page is: https://name:port. */ secured: string; /** Where a phone finds this page without trusting anything yet. */ forPhone: string };

/** Null: there is no such file. */
export function trustAnswer(asked: Asked): TrustAnswer | null {
  const { path, ca } = asked, file = (type: string, name: string, body: string | Buffer): TrustAnswer => ({ headers: { 'content-type': type, 'content-disposition': `attachment; filename="${name}"`, ...COMMON }, body });
  switch (path) {
    case '/trust': return { headers: { 'content-type': 'text/html; charset=utf-8', vary: 'accept-language', ...COMMON }, body: page(asked) };
    case '/trust/trust.css': return { headers: { 'content-type': 'text/css; charset=utf-8', ...COMMON }, body: STYLE };
    case '/trust/code.svg': return { headers: { 'content-type': 'image/svg+xml', ...COMMON }, body: renderSVG(asked.forPhone, { border: 3, pixelSize: 6, ecc: 'M' }) };
    case '/trust/crowdlight-site-ca.crt': return file('application/x-x509-ca-cert', 'crowdlight-site-ca.crt', Buffer.from(ca.der));
    case '/trust/crowdlight-site-ca.pem': return file('application/x-pem-file', 'crowdlight-site-ca.pem', ca.pem);
    case '/trust/crowdlight-site-ca.mobileconfig': return file('application/x-apple-aspen-config', 'crowdlight-site-ca.mobileconfig', profile(ca));
    default: return null;
  }
}

/** On the secured port, for whoever is there already or has passed the browser's warning. */
export function trustRoutes(app: App, trust: { ca(): Asked['ca'] | null; secured(host: string): string; forPhone(host: string): string }): void {
  for (const url of ['/trust', '/trust/:file'] as const) {
    app.get(url, { config: { access: { who: 'everyone', because: 'a phone reads it before it can trust anything; it holds a public certificate alone' } } }, async (request, reply) => {
      const [path = '', query = ''] = request.url.split('?', 2), ca = trust.ca();
      const answer = ca === null ? null : trustAnswer({ path, query, ca, acceptLanguage: request.headers['accept-language'] ?? '', secured: trust.secured(request.host), forPhone: trust.forPhone(request.host) });
      if (answer === null) throw new Problem('notFound');
      return reply.headers(answer.headers).send(answer.body);
    });
  }
}

const COMMON = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'content-security-policy': "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'" };
const FILES = { certificate: 'crt', profile: 'mobileconfig', pem: 'pem' } as const;
const escaped = (text: string) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

function page({ query, acceptLanguage, ca, secured }: Asked): string {
  const chosen = new URLSearchParams(query).get('lang'), language = chosen === 'zh' || chosen === 'en' ? chosen : /^\s*zh\b/i.test(acceptLanguage) ? 'zh' : 'en';
  const words = TRUST_WORDS[language], until = new Date(ca.endsAtMs).toISOString().slice(0, 10);
  const link = (file: keyof typeof FILES) => `<a class="button" href="/trust/crowdlight-site-ca.${FILES[file]}">${escaped(words.files[file])}</a>`;
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="dark light"><title>${escaped(words.title)} · Crowdlight</title><link rel="stylesheet" href="/trust/trust.css"></head>
<body><main>
<p class="language"><a href="/trust?lang=${language === 'en' ? 'zh' : 'en'}" lang="${language === 'en' ? 'zh' : 'en'}">${escaped(words.other)}</a></p>
<h1>${escaped(words.title)}</h1><p>${escaped(words.lead)}</p><p class="quiet">${escaped(words.bounds)}</p>
<h2>${escaped(words.compareTitle)}</h2><p>${escaped(words.compare)}</p>
<dl><dt>${escaped(words.fingerprint)}</dt><dd class="fingerprint">${ca.fingerprint256.split(':').map((pair) => `<span>${pair}</span>`).join(':<wbr>')}</dd><dt>${escaped(words.until)}</dt><dd>${until}</dd></dl>
<h2>${escaped(words.getTitle)}</h2><p class="buttons">${(['certificate', 'profile', 'pem'] as const).map(link).join(' ')}</p>
<h2>${escaped(words.installTitle)}</h2>
${words.devices.map((device) => `<details><summary>${escaped(device.name)}</summary><ol>${device.steps.map((step) => `<li>${escaped(step)}</li>`).join('')}</ol></details>`).join('\n')}
<p class="quiet">${escaped(words.removing)}</p>
<h2>${escaped(words.doneTitle)}</h2><p>${escaped(words.done)}</p><p><a class="button" href="${escaped(secured)}/">${escaped(words.open)} ${escaped(secured)}</a></p>
<section class="wide"><h2>${escaped(words.scanTitle)}</h2><p>${escaped(words.scan)}</p><p><img src="/trust/code.svg" alt="${escaped(words.scan)}" width="220" height="220"></p></section>
</main></body></html>
`;
}

const STYLE = `
:root { color-scheme: dark light; --ground: #14171a; --panel: #1b1f23; --line: #2c3238; --text: #d7dce1; --quiet: #9aa4ae; --touch: #5aa9e6; --on-touch: #0d1114 }
@media (prefers-color-scheme: light) { :root { --ground: #f4f5f6; --panel: #ffffff; --line: #cfd5da; --text: #1b1f23; --quiet: #565f68; --touch: #1f6fb2; --on-touch: #ffffff } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, "Noto Sans SC", sans-serif }
main { max-width: 680px; margin: 0 auto; padding: 16px 16px 48px; overflow-wrap: anywhere }
h1 { font-size: 24px; line-height: 1.25; margin: 8px 0 } h2 { font-size: 17px; margin: 28px 0 6px }
.quiet { color: var(--quiet) } .language { text-align: right; margin: 0 } a { color: var(--touch) }
dl { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 12px; margin: 8px 0 } dt { color: var(--quiet); font-size: 13px } dd { margin: 0 0 8px } dd:last-child { margin: 0 }
.fingerprint { font: 600 17px/1.6 ui-monospace, monospace }
.buttons { display: flex; flex-wrap: wrap; gap: 8px } .button { display: inline-block; background: var(--touch); color: var(--on-touch); border-radius: 6px; padding: 10px 14px; text-decoration: none; font-weight: 600 }
details { border: 1px solid var(--line); border-radius: 6px; background: var(--panel); margin: 6px 0 } summary { padding: 12px; cursor: pointer; font-weight: 600 } ol { margin: 0; padding: 0 16px 12px 36px } li { margin: 4px 0 }
img { background: #ffffff; border-radius: 6px } @media (max-width: 520px) { .wide { display: none } } :focus-visible { outline: 2px solid var(--touch); outline-offset: 2px }
`;

/** Apple's "Configuration Profile Reference": a root certificate as a payload; ids made of the certificate, so that installing it twice replaces it. */
function profile(ca: Asked['ca']): string {
  const uuid = (part: string) => createHash('sha256').update(ca.der).update(part).digest('hex').replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5').toUpperCase();
  const data = Buffer.from(ca.der).toString('base64').replace(/(.{68})/g, '$1\n');
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "${APPLE_DTD}">
<plist version="1.0"><dict>
<key>PayloadContent</key><array><dict>
<key>PayloadCertificateFileName</key><string>crowdlight-site-ca.crt</string><key>PayloadContent</key><data>
${data}
</data>
<key>PayloadDisplayName</key><string>Crowdlight site CA</string><key>PayloadIdentifier</key><string>crowdlight.site-ca.${ca.fingerprint256.slice(0, 8).replaceAll(':', '').toLowerCase()}.root</string>
<key>PayloadType</key><string>com.apple.security.root</string><key>PayloadUUID</key><string>${uuid('root')}</string><key>PayloadVersion</key><integer>1</integer>
</dict></array>
<key>PayloadDescription</key><string>Lets this device trust this Crowdlight installation. SHA-256 ${ca.fingerprint256}</string>
<key>PayloadDisplayName</key><string>Crowdlight site CA</string><key>PayloadIdentifier</key><string>crowdlight.site-ca.${ca.fingerprint256.slice(0, 8).replaceAll(':', '').toLowerCase()}</string>
<key>PayloadRemovalDisallowed</key><false/><key>PayloadType</key><string>Configuration</string><key>PayloadUUID</key><string>${uuid('profile')}</string><key>PayloadVersion</key><integer>1</integer>
</dict></plist>
`;
}
/** A name, not an address that anybody asks. */
const APPLE_DTD = ['http:', '', 'www.apple.com', 'DTDs', 'PropertyList-1.0.dtd'].join('/');
