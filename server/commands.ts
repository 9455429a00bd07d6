// Hands a command to the decider of a site and waits for its answer. The command is in the site's input log; the answer comes over the bus.
import type { Logger } from 'pino';
import { encodeInput, type Command, type CommandAnswer } from '../contract/decide.ts';
import { Problem } from '../contract/problem.ts';
import { topics, type Bus } from '../store/bus/bus.ts';

const ANSWER_WITHIN_MS = 2500;
const WAITING_MOST = 500;

export type Commands = { give(siteId: string, command: Command): Promise<CommandAnswer>; close(): Promise<void> };

export async function openCommands({ bus, log }: { bus: Bus; log: Logger }): Promise<Commands> {
  /** The same command may be given twice (a repeated request): all who wait for it get its answer. */
  const waiting = new Map<string, Set<(answer: CommandAnswer) => void>>();
  const unsubscribe = await bus.subscribe(topics.commandAnswers, (bytes) => {
    try {
      const answer = JSON.parse(Buffer.from(bytes).toString()) as CommandAnswer;
      for (const take of waiting.get(answer.commandId) ?? []) take(answer);
    } catch (error) { log.warn({ err: error }, 'an answer to a command cannot be read'); }
  });
  return {
    async give(siteId, command) {
      if (waiting.size >= WAITING_MOST) throw new Problem('tooMany', { most: WAITING_MOST });
      let timer: NodeJS.Timeout | undefined, take: (answer: CommandAnswer) => void = () => {};
      const takers = waiting.get(command.commandId) ?? new Set();
      waiting.set(command.commandId, takers);
      try {
        // Listen first, then give: the answer may be there before append() is.
        const answered = new Promise<CommandAnswer>((resolve, reject) => {
          take = resolve;
          takers.add(take);
          timer = setTimeout(() => reject(new Problem('notJudged')), ANSWER_WITHIN_MS);
        });
        answered.catch(() => {});
        await bus.append(topics.inputs(siteId), encodeInput(command));
        return await answered;
      } finally {
        clearTimeout(timer);
        takers.delete(take);
        if (takers.size === 0) waiting.delete(command.commandId);
      }
    },
    close: unsubscribe,
  };
}
