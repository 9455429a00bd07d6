// English words of sharing.
export const wordsEn = {
  page: {
    title: 'Shared places', means: 'A place can be shown to another unit for a while. They see it and can change nothing; it ends by itself, and everybody on both sides sees here what is shared.',
    given: 'Shared by us', received: 'Shared with us', givenNone: 'Nothing of ours is shared.', receivedNone: 'Nobody shares a place with us.',
    overToo: 'Also those that are over', by: 'shared by {{name}}', incident: 'incident', end: 'End now', endLong: 'End now: {{site}} for {{unit}}',
  },
  state: {
    inForce: 'until {{until}} (another {{span}})', ahead: 'from {{from}} until {{until}}', over: 'over since {{time}}', ended: 'ended by {{name}} at {{time}}',
  },
  rights: {
    see: 'map, figures, alarms, incidents', picture: 'map, figures, alarms, incidents and camera pictures',
    seeLong: 'They see the map, figures, alarms and incidents of this place, and change nothing.', pictureToo: 'Also the pictures of its cameras (with the privacy masks)',
  },
  form: {
    title: 'Share a place', site: 'Place', unit: 'With which unit', unitHelp: 'Type a part of its name or code.', unitMissing: 'Choose a unit.', unitNone: 'No unit has this in its name.', unitMore: 'There are more; type more of the name.',
    what: 'What they see', until: 'Until', quick: 'Quick choice', hours_one: 'in {{count}} hour', hours_other: 'in {{count}} hours', timeWrong: 'Choose a time in the future, at most {{days}} days ahead.',
    secondPerson: 'Longer than a day, beyond your own area: a second person has to agree.', reason: 'Why', reasonMissing: 'Say why, in a few words.', send: 'Share', done: '{{site}} is shared with {{unit}}.', fromIncident: 'Share this place',
  },
};
