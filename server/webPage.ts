// The page's files as Vite built them. Files with a hash in their name never change; everything else is asked for anew each time.
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { problemNote } from '../contract/problem.ts';
import type { App } from './parts.ts';
import { sendProblem } from './problems.ts';

export async function webPage(app: App, folder: string): Promise<void> {
  app.addHook('onRoute', (route) => { if (route.url === '/*') route.config = { ...route.config, access: { who: 'everyone', because: 'the page itself holds nothing of any place; it asks for that with whoever is signed in' } }; });
  await app.register(fastifyStatic, {
    root: folder, prefix: '/', index: ['index.html'], dotfiles: 'ignore', cacheControl: false, etag: true, lastModified: true, redirect: false,
    setHeaders(reply, path) {
      void reply.header('cache-control', path.startsWith(join(folder, 'assets')) ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  // Each view of the page has its own address; they are all the same file.
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const isView = (request.method === 'GET' || request.method === 'HEAD') && !/^\/(api|live|basemap|assets|metrics|health)(\/|$)/.test(path) && !/\.[a-z0-9]+$/i.test(path);
    if (!isView) return sendProblem(reply, problemNote('notFound'));
    return reply.header('cache-control', 'no-cache').sendFile('index.html', folder, { cacheControl: false });
  });
}
