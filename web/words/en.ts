// The page's words in English. Short and plain; a problem says what happened, what it means, what to do. zh.ts has the same keys or does not compile.
export const en = {
  app: { name: 'Crowdlight', map: 'Map', setup: 'Set up', skip: 'Skip to the alarms', demo: 'Demo', demoLong: 'A demonstration: no real place', pageIsOld: 'The server runs a newer version of this page.', reload: 'Load it',
    theme: 'Colours', themeAuto: 'As the system', themeDark: 'Dark', themeLight: 'Light', language: 'Language', clock: 'Server time', keys: 'Keys', close: 'Close', more: 'The machine\'s words', lost: 'figures dropped on the way: {{count}}' },
  state: { loading: 'Loading…', loadingLong: 'Asking the server what there is.', broken: 'The server gives no overview.', again: 'Try again', lostTry: 'Next try in {{seconds}} s.' },
  judged: {
    lineLost: 'NO LINE TO THE SERVER', lineLostMeans: 'This screen does not hear of alarms. What it shows is old. It is trying to reconnect.',
    databaseDown: 'ALARMS ARE NOT BEING JUDGED', databaseDownMeans: 'The database does not answer. No alarm can be raised until it is back. Call the administrator if it lasts.',
    busDown: 'ALARMS ARE NOT BEING JUDGED', busDownMeans: 'The parts of the system cannot reach each other. Call the administrator if it lasts.',
    deciderSilent: 'ALARMS ARE NOT BEING JUDGED', deciderSilentMeans: 'Nothing judges these places now. Watch them yourself and call the administrator if it lasts.',
    for: 'for {{span}}', since: 'since {{time}}', sinceLong: 'Since {{time}}.', sites: 'Places: {{names}}',
    trouble: 'The server says: {{what}}', again: 'Alarms are being judged again.',
  },
  level: { calm: 'Calm', notice: 'Notice', warning: 'Warning', danger: 'Danger', critical: 'Critical', blind: 'Blind' },
  blind: { noSensor: 'no camera looks here', neverSeen: 'not seen yet', sensorSilent: 'camera silent', tooLittleSeen: 'too little of it is seen', demoPreparing: 'demo video being prepared', for: 'blind for {{span}}', last: 'last figure' },
  unit: { peoplePerM2: 'people/m²', perM2: '/m²', people: 'people', m2: 'm²', s: 's', fps: 'pictures/s', noFigure: 'no figure' },
  age: { ago: '{{span}} ago', now: 'now', never: 'never' },
  site: { sites: 'Places', zones: 'Zones', cameras: 'Cameras', search: 'Search places, zones, cameras', noMatch: 'Nothing is named like this.', noZones: 'No zones yet.', addZone: 'Draw a zone', noCameras: 'No cameras yet.', addCamera: 'Add a camera',
    none: 'No place is watched yet.', noneMeans: 'A place is a square, a station, a street. It has cameras and zones.', addSite: 'Add the first place', edit: 'Edit this place', show: 'Show on the map', panel: 'Places, zones and cameras' },
  first: { preparing: 'The demo is being prepared', preparingBody: 'Its video is drawn on this machine first. It starts by itself at about {{time}}, in {{span}}. Until then its ground is unknown, which is not the same as empty.', off: 'The demo is not running', offBody: 'Its camera is turned off or not yet prepared, so nothing is counted. What happens is in the list of cameras.',
    title: 'The demo is running', body: 'A drawn plaza is being counted. The crowd grows past its limits and drains again in about three minutes: heat, levels and an alarm will show.', add: 'Add your first camera', hide: 'Hide' },
  map: { region: 'Map', fit: 'Show all', follow: 'Follow alarms', followOn: 'The map goes to each new alarm.', legend: 'Density', legendUnit: 'people/m²', unknown: 'unknown', unseen: 'no camera looks here', trueFor: 'true for', noReading: 'no reading yet', lastReading: 'out of date; last reading', empty: 'under 0.1', zoomIn: 'Closer', zoomOut: 'Farther', broken: 'The map cannot be drawn here.', brokenMeans: 'This browser has no WebGL 2. Lists and alarms go on working. Turn on hardware acceleration or use another browser.', zone: 'Zone', camera: 'Camera', scale: 'grid {{metres}} m', smooth: 'Smooth', heat: 'Heat', oldHeat: 'out of date', north: 'North up' },
  alarms: {
    title: 'Alarms', open: 'open', none: 'No alarm is open.', noneMeans: 'New ones come here by themselves.', closedHead: 'Closed in the last day', list: 'Alarms, worst first', pinned: 'List held still while you are on it; {{count}} new', pinnedShort: 'held still',
    raised: 'raised', acknowledged: 'acknowledged', easing: 'easing', closed: 'closed', acknowledge: 'Acknowledge', acknowledging: 'Sent, waiting for the record…', acknowledgedBy: 'Acknowledged by {{by}}', fly: 'Show on the map', card: 'Alarm',
    new: 'New alarm: {{level}}, {{place}}, {{site}}', many: '{{count}} new alarms, the worst: {{level}}, {{place}}', rule: 'Rule', peak: 'worst: {{level}}', steps: 'Steps', raisedAt: 'Raised', easingAt: 'Easing since', closedAt: 'Closed', changedAt: 'Last change',
    closedBecause: { eased: 'it had eased', placeRemoved: 'its place was removed', ruleOff: 'its rule was turned off' }, noAnswer: 'The server did not answer. The alarm is as it was; try again.', notSeen: 'The step was taken, but its record has not come yet. Wait for it here.', why: 'Why', nothingChosen: 'Choose an alarm, a zone or a camera.',
  },
  sound: { on: 'Sound on', off: 'Sound off', blocked: 'Sound needs a click', blockedLong: 'The browser plays no sound before the first click on this page. Click here.', test: 'Sound' },
  zone: { card: 'Zone', mean: 'mean', interval: '90 % interval', seen: 'seen', peak: 'densest spot', count: 'people seen', limits: 'Limits', area: 'Area seen', kind: 'Kind', standing: 'standing', walking: 'walking', exit: 'exit', past: 'Last 2 hours', pastEmpty: 'Nothing kept yet. The first minute comes after a minute of counting.', pastBroken: 'The past cannot be read now.', few: 'few', fewMeans: 'Minutes with fewer than three people keep no number.', edit: 'Edit zone', trueFor: 'true for', asOf: 'as of', cameras: 'Cameras' },
  camera: {
    card: 'Camera', counting: 'counting', starting: 'starting', connecting: 'connecting', waiting: 'waiting', off: 'off', unplaced: 'not placed', unplacedMeans: 'It counts people in its picture, but nobody has said where that is.', place: 'Place it', unknown: 'no word from it', edit: 'Set up', picture: 'Picture of {{name}}', pictureNone: 'No picture yet.', pictureOld: 'The picture is {{span}} old.', paused: 'Paused while this page is hidden.',
    stream: 'Stream', rates: 'Pictures', decoded: 'read', counted: 'counted', dropped: 'passed over', skew: 'Clock', skewNone: 'tells no time', skewOurs: 'dated by our clock', skewCamera: 'dated by its own clock', countMs: 'One count', analysis: 'Looked at in', keyframes: 'Overload: only key pictures are looked at.', people: 'People in picture', nextTry: 'Next try in {{seconds}} s, attempt {{attempt}}.', address: 'Address', disabled: 'Turned off.', preparing: 'being prepared', preparingLong: 'The demo video is being prepared. It starts by itself at about {{time}}, in {{span}}.', lastFrame: 'Last picture', noStatus: 'Nobody holds this camera now.', fast: 'ahead', slow: 'behind',
  },
  panel: { left: 'Places', right: 'Alarms', fold: 'Fold', unfold: 'Unfold', resize: 'Width of the panel', openSheet: 'Alarms', closeSheet: 'Close alarms' },
  keys: { title: 'Keys of this page', next: 'next alarm', previous: 'previous alarm', acknowledge: 'acknowledge the chosen alarm', fly: 'show it on the map', search: 'search', help: 'this list', mute: 'sound on or off', fit: 'show all places', close: 'close the card', panels: 'fold the left or right panel', theme: 'dark or light' },
};

/** The same shape with any words in it. */
export type Words = Wording<typeof en>;
type Wording<T> = { [K in keyof T]: T[K] extends string ? string : Wording<T[K]> };
