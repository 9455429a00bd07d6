// Words of the pages of channels, in English. words.zh.ts has the same keys or does not compile.
import type { Wording } from '../../words/wording.ts';

export const wordsEn = {
  link: 'Channels', title: 'Channels', lead: 'How notices leave: to people by the contacts that they have, to other systems by what a channel is subscribed to, and for announcements and commands of playbooks.',
  add: 'Add a channel', edit: 'Change', editNamed: 'Change {{name}}', remove: 'Remove', removeNamed: 'Remove {{name}}', test: 'Test', testNamed: 'Test {{name}}', cancel: 'Cancel', save: 'Save',
  column: { name: 'Channel', kind: 'Kind', how: 'How it does', last: 'Last sent', told: 'Told of', do: 'Actions' },
  off: 'off', on: 'on', none: 'Nothing was sent yet.', sent: '{{count}} sent', failed: '{{count}} failed', waiting: '{{count}} waiting', dead: '{{count}} not delivered', limited: '{{count}} times held up by its limit', lastFailure: 'Last failure {{when}}: {{what}}', never: 'never',
  notSubscribed: 'nothing: only people and actions', subscribed: '{{unit}}: from {{severity}} on, {{categories}}', everywhere: 'everywhere', allCategories: 'all categories', noCategories: 'None chosen: all of them.', feedAt: 'Feed: {{address}}',
  addTitle: 'Add a channel', editTitle: 'Change {{name}}', name: 'Name', nameMissing: 'Give it a name.', kind: 'Kind', perMinute: 'At most a minute', perMinuteMeans: 'What is more waits; who is asked to go comes first.', perMinuteWrong: 'A whole number from 1 to 60,000.', enabled: 'Switched on', enabledMeans: 'Switched off, the next contact is taken.',
  settings: 'Settings', keptSecret: 'on file, not shown', subscriptions: 'Told of incidents', subscriptionsHint: 'Every step of these incidents is sent to this channel, without the names of people.', unit: 'Unit', severity: 'From', categories: 'Categories', addSubscription: 'Add', removeSubscription: 'Remove subscription {{number}}', subscription: 'Subscription {{number}}',
  testTitle: 'Test {{name}}', testAddress: 'To', testOwn: 'left empty: to the channel itself', testLanguage: 'Language', send: 'Send a test', sending: 'A test is under way…', testSent: 'Sent in {{ms}} ms: {{detail}}', testFailed: 'Not sent ({{outcome}}): {{detail}}', outcome: { sent: 'sent', retry: 'may work later', refused: 'refused', rateLimited: 'limit reached' },
  deadTitle: 'Not delivered', deadLead: 'No contact of the ladder took these. They are kept until somebody sends them again.', deadNone: 'Everything was delivered.', again: 'Send again', againNamed: 'Send again: {{what}}', againDone: 'It is being sent again.', tries: 'Tries', deadColumn: { when: 'When', what: 'What', tries: 'Tries', do: 'Actions' }, exercise: 'EXERCISE', openIncident: 'Open the incident', tryLine: '{{when}} {{channel}}: {{outcome}}, {{detail}}', channelGone: 'a channel that is gone', more: '{{count}} more tries',
  kinds: { approval: 'Approval asked for', emergency: 'Done as an emergency', asked: 'Asked to go', urged: 'Urged', overdue: 'Overdue', helpNeeded: 'Help is needed', released: 'No longer needed', closed: 'Closed', info: 'For attention', alarm: 'Alarm', action: 'Action of a playbook', incident: 'Event for a subscriber', undelivered: 'Could not be reached', test: 'Test' },
  removeTitle: 'Remove the channel {{name}}?', removeText: 'Its keys go with it. People who have it as a contact are reached by their next one; what waits for it alone is not delivered.',
  languages: { en: 'English', zh: '中文' },
};

export type AreaWords = Wording<typeof wordsEn>;
