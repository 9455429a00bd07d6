// Steps that have a dialog, and their keys. Handing over is the board's, ticking an action is the playbook's.
import type { IncidentCommandBody } from '../../contract/apiIncidents.ts';

export const DIALOG_COMMANDS = ['dispatch', 'accept', 'decline', 'arrive', 'needHelp', 'handle', 'followUp', 'assess', 'reopen', 'note', 'setFacts', 'urge', 'takeOver', 'giveBack', 'transfer', 'escalate', 'mergeInto', 'split', 'link', 'unlink'] as const satisfies readonly IncidentCommandBody['command']['type'][];
export type DialogCommand = (typeof DIALOG_COMMANDS)[number];
export const isDialogCommand = (type: string): type is DialogCommand => (DIALOG_COMMANDS as readonly string[]).includes(type);

/** In the order in which they are offered: the way of an incident first, then supervision, then tidying. */
export const KEY_OF: Record<DialogCommand, string> = {
  accept: 'a', decline: 'x', arrive: 'o', needHelp: 'b', dispatch: 'd', handle: 'h', followUp: 'f', assess: 'c', reopen: 'r', note: 'n', escalate: 'e', urge: 'u', takeOver: 't', giveBack: 'g', transfer: 'p', setFacts: 'i', mergeInto: 'm', split: 's', link: 'l', unlink: 'k',
};
