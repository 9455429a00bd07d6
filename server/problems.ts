// The one place where a failure becomes an answer: a Problem keeps its name, a misfit names its field, anything else is ours and stays inside.
import { randomUUID } from 'node:crypto';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Problem, PROBLEMS, problemNote, type ProblemNote } from '../contract/problem.ts';

type SchemaFault = { instancePath?: string; message?: string; params?: Record<string, unknown> };

export function answerProblems(log: Logger) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    if (error instanceof Problem) return sendProblem(reply, error.note);
    if (error.validation) return sendProblem(reply, problemNote('inputWrong', { reason: faultWords(error.validation as SchemaFault[], error.validationContext ?? '') }));
    const status = error.statusCode ?? 500;
    // What the HTTP layer itself refuses: a body that is no JSON, too large, of another kind.
    if (status >= 400 && status < 500) return sendProblem(reply, problemNote('inputWrong', { reason: error.message }), status);
    const logId = randomUUID();
    log.error({ err: error, logId, method: request.method, route: request.routeOptions.url }, 'a request failed inside');
    return sendProblem(reply, problemNote('internal', {}, `log id ${logId}`));
  };
}

export function sendProblem(reply: FastifyReply, note: ProblemNote, httpStatus: number = PROBLEMS[note.code].httpStatus): FastifyReply {
  if (PROBLEMS[note.code].tryAgain) void reply.header('retry-after', '2');
  return reply.code(httpStatus).header('cache-control', 'no-store').type('application/json; charset=utf-8').send(JSON.stringify(note));
}

export function faultWords(faults: SchemaFault[], place: string): string {
  return faults.slice(0, 5).map((fault) => {
    const extra = fault.params?.['additionalProperties'];
    const where = (fault.instancePath || '').split('/').filter(Boolean).join('.') || place;
    return `${where}: ${fault.message ?? 'does not fit'}${Array.isArray(extra) ? ` (${extra.join(', ')})` : ''}`;
  }).join('; ').slice(0, 500);
}
