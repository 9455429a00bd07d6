// From what a person typed to the one address that may be opened. Nothing of it can become a command or an option of FFmpeg.
import { Problem } from '../../contract/problem.ts';

export type RtspSettings = { url: string; subUrl?: string; user?: string; password?: string; transport?: 'tcp' | 'udp' };
type Parts = { host: string; port: string; path: string; query: string; user: string; password: string };

/** The address to count from: the sub-stream where there is one; user and password percent-encoded anew. Throws Problem addressNotUnderstood. */
export function rtspAddress(settings: RtspSettings, scheme: 'rtsp' | 'rtsps'): string {
  const main = partsOf(settings.url, scheme);
  const wanted = settings.subUrl === undefined || settings.subUrl.trim() === '' ? main : partsOf(settings.subUrl, scheme);
  const user = settings.user || wanted.user || main.user;
  const password = settings.password || (settings.user ? '' : wanted.password || (wanted.user === '' ? main.password : ''));
  const login = user === '' && password === '' ? '' : `${strictlyEncoded(user)}:${strictlyEncoded(password)}@`;
  return `${scheme}://${login}${wanted.host}${wanted.port === '' ? '' : `:${wanted.port}`}${wanted.path}${wanted.query}`;
}

/** The address without user, password and query: for screens and logs. */
export function rtspAddressShown(settings: RtspSettings, scheme: 'rtsp' | 'rtsps'): string {
  const { host, port, path } = partsOf(settings.url, scheme);
  return `${scheme}://${host}${port === '' ? '' : `:${port}`}${path}`;
}

function partsOf(typed: string, scheme: 'rtsp' | 'rtsps'): Parts {
  const address = typed.trim();
  if (address.length > 1000) refuse('it is too long');
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0020\u007f|\\<>"`^{}]/.test(address)) refuse('it holds a character that no address may hold');
  if (!address.toLowerCase().startsWith(`${scheme}://`)) refuse(`it must begin with ${scheme}://`);
  let url: URL;
  try { url = new URL(address); } catch { return refuse('it is not complete'); }
  if (url.protocol !== `${scheme}:`) refuse(`it must begin with ${scheme}://`);
  if (!/^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])$/.test(url.hostname)) refuse('the name of the camera is missing or cannot be used');
  if (url.hash !== '') refuse('it holds a #');
  // FFmpeg reads these out of an RTSP address as its own options; which transport is used is a setting of ours.
  const options = url.search.slice(1).split('&').map((part) => part.split('=')[0]!.toLowerCase());
  const own = options.find((name) => FFMPEG_OPTIONS.includes(name));
  if (own !== undefined) refuse(`"?${own}" is not part of a camera's address; choose the transport below it`);
  return { host: url.hostname, port: url.port, path: url.pathname, query: url.search, user: decoded(url.username), password: decoded(url.password) };
}

const FFMPEG_OPTIONS = ['tcp', 'udp', 'udp_multicast', 'multicast', 'http', 'https', 'filter_src', 'listen'];
/** A "%" that is no escape stands for itself: passwords are typed by people. */
const decoded = (part: string) => { try { return decodeURIComponent(part); } catch { return part; } };
const strictlyEncoded = (part: string) => encodeURIComponent(part).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
function refuse(reason: string): never { throw new Problem('addressNotUnderstood', { reason }); }
