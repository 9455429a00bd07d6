// English words of privacy.
export const wordsEn = {
  page: { title: 'Privacy', means: 'How long what is kept, what is held beyond its time, what went, and the impact assessment of this installation.', loading: 'Loading …' },
  retention: {
    title: 'How long', unit: 'Unit', whole: 'the whole installation', preset: 'Legal preset', presetAbove: 'as above this unit ({{preset}})', kind: 'Kind', kept: 'Kept', own: 'Set here (hours)', from: 'Comes from', bounds: 'May be',
    fromWhere: { settings: 'settings file', preset: 'legal preset', here: 'set here', above: 'a unit above' }, hours: '{{count}} h', days: '{{count}} days', boundsOf: '{{least}} to {{most}}', inherit: 'inherited', save: 'Keep these times', saved: 'Kept.',
    recordings: 'Nothing is recorded in this version: the time holds from the first recording on.',
  },
  holds: {
    title: 'Holds', means: 'What is held is not purged, whatever its time. A second person has to agree.', none: 'Nothing is held.', place: 'Place', site: 'site', unit: 'unit', incident: 'incident', which: 'Which', from: 'What happened from', to: 'until',
    until: 'Held until', reason: 'Why', add: 'Hold', end: 'End this hold', endOf: 'End the hold of {{place}}', by: 'by {{name}}', over: 'over', inForce: 'in force until {{time}}', window: 'what happened from {{from}} to {{to}}', missing: 'Fill in every field.', approvals: 'To the page of the second person',
  },
  purges: {
    title: 'Purges', means: 'Each hour what is older than its time goes. Afterwards it is counted anew, by another way, whether anything is left.', none: 'No purge has been reported yet.', dry: 'What would go now?', dryTitle: 'Would go now', proved: 'proved', unproved: 'NOT proved', incomplete: 'not finished, goes on next time',
    due: 'Due', gone: 'Gone', held: 'Held', left: 'Left over', oldest: 'Oldest left', unit: 'Unit', kind: 'Kind', nothing: 'Nothing was due.',
  },
  assessment: { title: 'Impact assessment', means: 'Filled from the live settings; what only you can say is left open. It names no person.', markdown: 'Download as text (Markdown)', html: 'Download as a page (HTML)' },
  masks: {
    title: 'Privacy masks of {{name}}', lead: 'What lies under a mask is filled before anything looks at the picture: nobody is counted there, and nobody sees it. Ground that is only seen through a mask is unknown, not empty.',
    add: 'Add a mask', remove: 'Remove this mask', mask: 'Mask {{number}}', corner: 'Mask {{mask}}, corner {{corner}}', addCorner: 'Add a corner', removeCorner: 'Remove the corner', undo: 'Undo', save: 'Keep these masks', cancel: 'Back', none: 'No mask is drawn.', share: '{{percent}} % of the picture is masked',
    picture: 'Picture with its masks', help: 'Drag a corner, or choose it and use the arrow keys (Shift: larger steps, Delete: remove). A press in the picture adds a corner to the chosen mask there.', most: 'At most {{masks}} masks of {{corners}} corners.', link: 'Privacy masks', count_zero: 'none', count_one: '{{count}} mask', count_other: '{{count}} masks', open: 'Draw masks',
  },
  card: {
    masked_one: '{{count}} part of this picture is masked', masked_other: '{{count}} parts of this picture are masked', lift: 'See without masks', lifted: 'WITHOUT MASKS until {{time}}, for you alone, on record', end: 'Masks on again', reason: 'Why', minutes: 'For how many minutes', go: 'Lift the masks', cancel: 'Cancel',
    still: 'Take a still out', stillMeans: 'One picture as a file, on record. Heads and number plates are blurred; masks stay.', notBlurred: 'Not blurred (a second person has to agree)', take: 'Take it out', done: 'Saved as {{name}}.', reasonMissing: 'Say why, in a few words.', approvals: 'To the page of the second person',
  },
};
