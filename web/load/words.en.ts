// Words of alarm discipline: steps on an alarm, the pages of alarm load and what-if, silences and exercises, in English. words.zh.ts has the same keys or does not compile.
import type { Wording } from '../words/wording.ts';

export const wordsEn = {
  mark: { exercise: 'EXERCISE', exerciseLong: 'A drill: nothing here is a real danger.', shelved: 'put aside', muted: 'muted', repeats: '{{count}}×', repeatsLong: 'Sounded again {{count}}×, because nobody acknowledged it' },
  priority: { low: 'low priority', medium: 'medium priority', high: 'high priority', urgent: 'urgent' }, priorityShort: { low: 'Low', medium: 'Medium', high: 'High', urgent: 'Urgent' },
  list: { bySite: 'By place', bySiteLong: 'Group the open alarms by place', shelvedHead: 'Put aside: {{count}}', siteHead: '{{site}}: {{count}} open', siteCalls: '{{count}} unanswered', fold: 'fold {{name}}', unfold: 'unfold {{name}}' },
  card: {
    mutedBlind: 'Muted: nobody can see this zone now. The alarm of its camera speaks for it; it is heard again when the zone is seen.', mutedSilence: 'Muted by a planned silence. Critical alarms are never silenced.',
    shelvedUntil: 'Put aside by {{by}} until {{time}}: {{words}}', shelvedMeans: 'It makes no sound and no notice, comes back by itself, and at once when its level grows.', clearedAt: 'Over, waits to be acknowledged', repeated: 'Sounded again {{count}}×; nobody has acknowledged it.', exercise: 'EXERCISE: this is a drill.',
    incident: 'Incident', report: 'Report an incident', reporting: 'Being reported…', reported: 'Reported.',
  },
  shelve: {
    do: 'Put aside', undo: 'Take back', title: 'Put this alarm aside', of: '{{level}}, {{place}}', words: 'Why', wordsHint: 'What is known, and who looks after it', wordsMissing: 'Say why.', span: 'For how long', minutes: '{{count}} min', hours: '{{count}} h', critical: 'A critical alarm is put aside for half an hour at most.', means: 'It makes no sound and no notice until then. It comes back by itself, and at once when its level grows. The next alarm of the same kind at this place is put aside too.',
    send: 'Put aside', sending: 'Being sent…', cancel: 'Cancel', close: 'Close', noAnswer: 'The server did not answer. Try again, it will be one step.', who: 'Say who you are first',
  },
  exercise: {
    title: 'Exercises', none: 'No exercise runs.', begin: 'Begin an exercise', zone: 'Zone', level: 'Level', span: 'For how long', words: 'What is practised', wordsHint: 'Everybody who gets the alarm reads this', send: 'Begin', end: 'End it', means: 'It raises an alarm that is marked EXERCISE everywhere, also in notices outside of this system. Real alarms of the zone stay real.', choose: '– choose –', zoneMissing: 'Choose a zone.', wordsMissing: 'Say what is practised.', runs: '{{place}}, {{level}}, since {{time}}',
  },
  silence: {
    title: 'Planned silences', none: 'No silence is planned.', add: 'Plan a silence', site: 'Place', zones: 'Zones', allZones: 'the whole place, its cameras and lines too', rules: 'Alarms', allRules: 'every kind', from: 'From', until: 'Until', words: 'Why', by: 'by {{name}}', send: 'Plan it', remove: 'Take back', removeLong: 'Take back the silence of {{site}}', now: 'in force now', means: 'Alarms in it are recorded and shown, but make no sound and no notice. Critical ones always do.', wordsMissing: 'Say why.', timesWrong: 'It must end after it begins, and in the future.', fromTo: '{{from}} to {{until}}',
  },
  load: {
    title: 'Alarm load', span: 'Time', hours8: 'Last 8 hours', day: 'Last 24 hours', week: 'Last 7 days', month: 'Last 30 days', operators: 'Operators on duty', site: 'Place', siteAll: 'all places', demo: 'Count the demo in', again: 'Ask again', loading: 'Loading…', broken: 'This cannot be shown now.', upTo: '{{from}} to {{until}}',
    mean: 'Alarms per operator in 10 minutes', meanLimit: 'On average under {{limit}}', peak: 'Busiest 10 minutes, per operator', peakLimit: 'Under {{limit}} after an upset', floods: 'Floods', floodsMeans: '10 or more in 10 minutes for an operator, until fewer than 5', floodShare: '{{share}} of the time', floodNone: 'No flood in this time.', floodLine: '{{from}} to {{until}}: {{count}} alarms', source: 'Source: EEMUA 191; ISA-18.2 / IEC 62682', good: 'within', bad: 'beyond',
    chart: 'Alarms in each 10 minutes', chartLine: 'Dashed: {{mean}} and {{peak}} for {{operators}} operators', chartMost: 'each bar: the busiest 10 minutes of {{span}}', raised: 'Alarms that called', unheard: 'Raised without a call (muted or put aside)', exercises: 'Exercises, not counted', demoLeftOut: 'Of the demo, not counted', demoIn: 'Of the demo, counted in', openNow: 'Open now', shelvedNow: 'Put aside now', mutedNow: 'Muted now', unacknowledged: 'Never acknowledged', median: 'Half were acknowledged within', nobody: 'none acknowledged',
    chattering: 'Chattering: 3 or more in 10 minutes', chatteringNone: 'None chatters.', stale: 'Stale: open and unchanged for over a day', staleNone: 'None is stale.', place: 'Place', rule: 'Alarm', count: 'In this time', within: 'Most in 10 min', since: 'Unchanged since', tune: 'Try another limit', show: 'Show', priorities: 'By priority', guide: 'about {{share}}', guideUrgent: 'under {{share}}', share: 'Share', moreThanShown: '{{shown}} of {{count}} are shown.', none: 'No alarm called in this time.', onlyAlarms: 'These are figures of alarms and limits, never of a person.', figures: 'Figures',
  },
  whatIf: {
    title: 'What if', intro: 'Another limit, run over the kept minutes of a zone through the very rule: which alarms would have come and gone.', zone: 'Zone', choose: '– choose a zone –', days: 'Past', day1: '1 day', day3: '3 days', day7: '7 days', day14: '14 days', limits: 'Limits, people/m²', asNow: 'As it is now', tried: 'Tried', settings: 'How the alarm behaves', run: 'Work it out', running: 'Working it out…', outOfOrder: 'The limits must grow from notice to critical.', before: 'As it is now', after: 'With the change', perDay: '{{count}} a day', gone: 'would not have come', added: 'would have come besides', kept: 'in both', open: 'still open', none: 'No alarm.', raisedAt: 'Raised', for: 'For', worst: 'Worst', peak: 'Highest', what: 'Change', noZones: 'No zone is drawn yet.', result: '{{gone}} alarms would not have come, {{added}} more would have.', same: 'The same alarms would have come.', more: '{{count}} more are not shown.',
    honest: 'What the kept minutes cannot say', honestMinute: 'A minute is one figure: what lasted less than a minute is not in it.', honestFew: '{{count}} minutes had fewer than three people and keep no number; they raise nothing.', honestBlind: '{{count}} minutes were blind; they raise and ease nothing.', honestNow: 'The limits as they are now are taken for the whole time, also where they were others then.', outlined: 'with an outline: only in one of the two', nothing: 'No minute is kept of this zone in this time.', apply: 'Set them at the zone', backToLoad: 'Alarm load',
  },
  zoneForm: { title: 'Alarms of this zone' },
  keys: { shelve: 'put the chosen alarm aside', unshelve: 'take it back', bySite: 'group by place', again: 'ask again', span: 'time', run: 'work it out', load: 'alarm load', help: 'this list', title: 'Keys of this page' },
};

export type AreaWords = Wording<typeof wordsEn>;
