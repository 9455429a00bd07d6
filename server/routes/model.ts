// GET /api/model: the card of the model that counts, so that whoever reads its numbers can read how far to trust them.
import { loadModelCard, modelCardPath } from '../../config/modelCard.ts';
import { ModelCard } from '../../contract/modelCard.ts';
import type { App, ServerParts } from '../parts.ts';

export function modelRoutes(app: App, { settings }: Pick<ServerParts, 'settings'>): void {
  // Read at each asking: a card that was changed on the disk is shown as it is, or as the problem that it now is.
  app.get('/api/model', { config: { access: { who: 'signedIn', because: 'the card of the model that counts, the same for all' } }, schema: { response: { 200: ModelCard } } }, async (_request, reply) => {
    void reply.header('cache-control', 'no-store');
    return await loadModelCard(modelCardPath(settings.modelCard));
  });
}
