// Shows a call when no page is open, and opens the page of the call when it is touched. It keeps nothing, asks nobody, and answers no other request of the page.
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => {
  let call = {};
  try { call = event.data?.json() ?? {}; } catch { /* a push without words is still a push: the browser wants it shown */ }
  const urgent = call.kind === 'asked' || call.kind === 'helpNeeded' || call.kind === 'urged';
  event.waitUntil(self.registration.showNotification(typeof call.title === 'string' && call.title !== '' ? call.title : 'Crowdlight', {
    body: typeof call.body === 'string' ? call.body : '', lang: call.language === 'zh' ? 'zh-CN' : 'en',
    // The same call twice is one notice.
    tag: typeof call.messageId === 'string' ? call.messageId : 'crowdlight', requireInteraction: urgent, vibrate: urgent ? [300, 120, 300, 120, 600] : [200], data: { path: pathOf(call.path) },
  }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const path = event.notification.data?.path ?? '/#/duty';
  event.waitUntil((async () => {
    const open = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
    for (const page of open) if ('navigate' in page) { await page.navigate(path); return page.focus(); }
    return self.clients.openWindow(path);
  })());
});

/** Only pages of this server. */
function pathOf(path) { return typeof path === 'string' && path.startsWith('/#/') ? path : '/#/duty'; }
