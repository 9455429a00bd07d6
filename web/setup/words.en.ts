// Words of the setup pages in English. For an administrator who is no geometer: say what to do, then what it is good for. words.zh.ts has the same keys or does not compile.
import type { Wording } from '../words/wording.ts';

export const wordsEn = {
  page: { loading: 'Loading…', notThere: 'It is not there', notThereText: 'It may have been removed. Nothing was changed.', toList: 'To the list' },
  trouble: {
    machine: 'The machine\'s words', tryAgain: 'Try again', close: 'Close',
    line: { what: 'The server does not answer.', means: 'Nothing was changed; what you typed is still here.', todo: 'Check that the server runs, then try again.' },
  },
  unsaved: { title: 'Leave without saving?', text: 'What you changed on this page is not saved yet.', stay: 'Stay here', leave: 'Leave without saving', mark: 'Not saved yet' },
  meanwhile: { means: 'What you entered is still here. Take over the new state, or keep yours and save it over the other one.', takeTheirs: 'Show the new state', keepMine: 'Keep mine' },
  remove: {
    keep: 'Keep it', remove: 'Remove', typeName: 'Type the name to remove it: {{name}}',
    siteTitle: 'Remove the site {{name}}?', siteText: 'Gone with it for good: {{cameras}} cameras, {{zones}} zones, and their limits and placing. Open alarms there are closed.', cameraItem: 'Camera {{name}}', zoneItem: 'Zone {{name}}',
    cameraTitle: 'Remove the camera {{name}}?', cameraText: 'Its address, its password and its placing go for good. Zones that only this camera sees become blind.',
    zoneTitle: 'Remove the zone {{name}}?', zoneText: 'Its outline and limits go for good. If an alarm is open there, it is closed; nobody is warned there any more.',
    lineTitle: 'Remove the line {{name}}?', lineText: 'Nobody counts who goes in and out there any more. If an alarm is open there, it is closed.',
    placingTitle: 'Take the placing of {{name}} away?', placingText: 'The camera stays and counts people in its picture, but its figures leave the map until it is placed again.',
  },
  form: {
    showPassword: 'Show or hide the password', remove: 'Remove what is stored', keepStored: 'Keep what is stored', removed: 'is removed when you save', keptSecret: 'stays as it is if left empty; never shown', asItIs: 'stays as it is', yes: 'yes', no: 'no', none: '– choose –', defaultIs: 'if left empty:',
    fault: {
      required: 'needed', notANumber: 'this is not a number', notWhole: 'a whole number is needed', tooSmall: 'at least {{least}}', tooLarge: 'at most {{most}}',
      tooShort: 'at least {{least}} characters', tooLong: 'at most {{most}} characters', doesNotFit: 'does not look like what is asked for',
    },
  },
  map: { zoomIn: 'Zoom in', zoomOut: 'Zoom out', fit: 'Show everything', drawing: 'Drawing on the map', metres: 'm', north: 'north', broken: 'The map cannot be drawn: this browser has no WebGL 2. Enter the metres in the table instead.' },
  picture: { loading: 'Asking the camera for a picture…', none: 'No picture of this camera yet. It comes as soon as the camera answers.', zoomIn: 'Zoom into the picture', zoomOut: 'Zoom out of the picture', whole: 'Whole picture' },
  manage: {
    title: 'Set up', addSite: 'Add a site', addCamera: 'Add a camera', addZone: 'Draw a zone', addLine: 'Draw a line', lines: 'Lines', demo: 'Demo',
    first: 'To see a real place: add a camera, test its address, say where it hangs, and draw the zones that are to be watched. It takes about ten minutes; you need the camera\'s address and password, and a few distances on the ground.',
    siteSize: '{{widthM}} m × {{depthM}} m, cells of {{cellM}} m', cameras: 'Cameras', zones: 'Zones', noCameras: 'No camera yet: nothing is counted here.', noZones: 'No zone yet: nothing can raise an alarm here.',
    edit: 'Change', editNamed: 'Change {{name}}', remove: 'Remove', removeNamed: 'Remove {{name}}', place: 'Place it', placeAgain: 'Placing', placeNamed: 'Place it: {{name}}', placeAgainNamed: 'Placing of {{name}}', turnOff: 'Turn off', turnOn: 'Turn on', turnOffNamed: 'Turn off {{name}}', turnOnNamed: 'Turn on {{name}}',
    column: { name: 'Name', state: 'Now', address: 'Address', do: 'What to do', kind: 'Kind', area: 'Area', limits: 'Limits, people/m²' },
  },
  state: { starting: 'Starting', connecting: 'Connecting', counting: 'Counting', waiting: 'Waiting', off: 'Off', disabled: 'Turned off', preparing: 'Demo video being prepared', unknown: 'No word from it yet', unplaced: 'not placed yet' },
  site: {
    addTitle: 'Add a site', name: 'Name of the site', namePlaceholder: 'e.g. Station square', nameMissing: 'The site needs a name.', width: 'West to east', depth: 'South to north',
    cell: 'Side of one cell of the heat map', cellHint: '1 m shows most; 2 or 4 m are for large places. {{cells}} cells.', tooLarge: '{{cells}} cells are too many (at most {{most}}). Make the site smaller, or make two of it.', tooFine: '{{cells}} cells are too many (at most {{most}}). Choose cells of {{cellM}} m or make the site smaller.',
    lng: 'Longitude of the south-west corner', lat: 'Latitude of the south-west corner', placeHint: 'All metres are counted east and north from the south-west corner. Without a base map the place on earth hardly matters; the metres do.', movesAll: 'Cameras and zones move along with the corner.',
    map: 'Map of the site', mapHint: 'Click where the south-west corner (bottom left) lies. The frame is the site.', save: 'Save the site',
  },
  add: {
    title: 'Add a camera', steps: 'Steps', step: { site: 'Site', address: 'Address', place: 'Placing', zones: 'Zones', done: 'Done' }, back: 'Back', next: 'Next', cancel: 'Cancel', later: 'Place it later',
    whichSite: 'Which place does it watch?', siteThere: 'A site that is there', siteNew: 'A new site', site: 'Site', makeSite: 'Save the site and go on', notTested: 'Not tested yet. It can be saved all the same and is tried by itself.',
    testFailed: 'The test found no picture. It can be saved all the same and is tried by itself.', saveCamera: 'Save the camera and go on', saveUntested: 'Save without a test', savePlacing: 'Save the placing and go on', placeLater: 'The camera is saved.', zonesThere: 'Zones here so far: {{names}}.', noMoreZones: 'No more zones',
    doneTitle: '{{name}} is set up', doneText: 'It counts from now on. Its figures appear on the map of {{site}} within a few seconds.', toMap: 'To the map', anotherZone: 'Draw another zone', toManage: 'To the list',
  },
  camera: {
    name: 'Name of the camera', namePlaceholder: 'e.g. North gate', nameMissing: 'The camera needs a name.', kind: 'Kind', address: 'Address', test: 'Test', testAgain: 'Test again', trying: 'Trying the address. This can take up to 20 s…', notTested: 'The first picture appears here after the test.',
    found: 'What the test found', firstPicture: 'First picture of the camera', codec: 'Coding', size: 'Picture size', rate: 'Pictures', rateIs: '{{framesPerS}} a second', rateUnknown: 'the camera does not say how many', firstPictureAfter: 'First picture after', clock: 'Clock',
    clockIs: { none: 'tells no time; its pictures are dated by our clock', agrees: 'agrees with ours ({{span}} apart)', ahead: '{{span}} ahead of ours: set the camera\'s clock, best by NTP', behind: '{{span}} behind ours: set the camera\'s clock, best by NTP' },
    enabled: 'Turned on', enabledMeans: 'Turned off, nothing is read from it and its zones may become blind.', changeAddress: 'Change the address or password', keptHint: 'Leave empty what stays as it is. The password on file is never shown.', save: 'Save', state: 'Now',
    placing: 'Placing', notPlaced: 'Not placed: it counts people in its picture, but nobody has said where that is.', placed: '{{points}} point pairs, {{heightM}} m high, looking {{degrees}}°.', place: 'Place it', placeAgain: 'Change the placing', unplace: 'Take the placing away', end: 'Remove', remove: 'Remove this camera',
  },
  place: {
    title: 'Place {{name}}', picture: 'Picture of the camera', map: 'Map of the site', showGrid: 'Metre grid on the ground', newPicture: 'New picture', gridLater: 'The metre grid appears once four pairs are set.', personHint: 'At the pointer: a person, {{heightM}} m to the head. Compare with real people.',
    mapHint: 'Drag points and camera, or use the arrow keys (with Shift: 1 m). Delete removes a point.',
    next: {
      setPosition: 'Say where the camera hangs: click on the map under it, or use what the points say below.', clickPicture: 'Click a spot on the ground in the picture that you can also find on the map: a corner of a marking, a drain, the foot of a pole. Pairs still missing: {{missing}}.',
      clickMapFor: 'Now click the same spot, number {{number}}, on the map.', clickPictureFor: 'Now click the same spot, number {{number}}, in the picture.', mendPoints: 'Something is wrong with the points. Read below what to do. With six pairs or more the wrong one can be found.', mendPair: 'Pair {{number}} does not fit the others. Look where it lies in the picture and on the map, and move or remove it.',
      addFifth: 'Four pairs always fit. Add a fifth to see how good they are.', check: 'Look whether the metre grid lies flat on the ground. If so, save; more pairs make it better.',
    },
    pairs: 'Point pairs', addPair: 'Add a pair by numbers', undo: 'Undo', noPairs: 'No pair yet. At least four are needed: spread over near and far, left and right.',
    column: { number: 'No.', pictureX: 'Picture left, %', pictureY: 'Picture top, %', east: 'East, m', north: 'North, m', error: 'Error', remove: 'Remove' },
    cell: { pictureX: 'Pair {{number}}: percent of the picture from the left', pictureY: 'Pair {{number}}: percent of the picture from the top', east: 'Pair {{number}}: metres east', north: 'Pair {{number}}: metres north' },
    suspect: 'seems wrong', waitsPicture: 'click the picture', waitsMap: 'click the map', error: '{{errorM}} m', errorWorst: '{{errorM}} m, check first', removePair: 'Remove pair {{number}}', pointInPicture: 'Point {{number}} in the picture: {{x}} % from the left, {{y}} % from the top', pointOnMap: 'Point {{number}} on the map: {{x}} m east, {{y}} m north',
    camera: 'Camera', east: 'East', north: 'North', height: 'Height above ground', bearing: 'Looks to (0 north, 90 east)', headHeight: 'Height of heads', range: 'Farthest ground', cameraHint: 'Height matters: heads are counted, and a head hides ground behind it. Farthest ground may stay empty: as far as heads are large enough.',
    cameraHandle: '{{name}}, this camera on the map: {{x}} m east, {{y}} m north', bearingHandle: 'Direction of the camera: {{degrees}} degrees',
    fit: {
      tooFew: '{{there}} of {{least}} pairs are set.', rms: 'Error {{errorM}} m', good: 'on average: good. Half a metre is the width of a person.', fair: 'on average: usable. Check the marked pair, or add pairs.', poor: 'on average: too rough for narrow zones. Check the marked pair first.',
      unproven: 'Four pairs always fit exactly, right or wrong. A fifth pair shows how good they are.', noPose: 'The points do not tell where the camera hangs. Enter it by hand.',
      poseSays: 'By the points, the camera hangs at {{x}} m east, {{y}} m north, {{heightM}} m high, looking {{degrees}}°.', poseAgrees: 'The points say much the same: {{x}} m east, {{y}} m north, {{heightM}} m high, {{degrees}}°.', poseDiffers: 'The points say something else than you: {{x}} m east, {{y}} m north, {{heightM}} m high, {{degrees}}°. One of the two is wrong.', usePose: 'Take it from the points',
    },
    lens: { title: 'Lens', estimate: 'Estimate from the points', straight: 'Straight lines are straight', hint: 'Wide lenses bend straight lines. With eight or more points, some near the corners, the bend can be found by itself; empty means none.' },
    quality: { show: 'Show how sure the ground is', title: 'How sure the ground is', good: 'place sure to half a metre', fair: 'to 1 m', rough: 'to 1.5 m', poor: 'worse', placeUnsure: 'not counted: its place is too unsure', areaUnsure: 'not counted: its area is too unsure', headTooSmall: 'not counted: heads are too small', tooDeep: 'not counted: seen too flat', beyondRange: 'not counted: beyond the farthest ground' },
    saveNeedsPoints: 'To save, the points must fit.', saveNeedsPosition: 'To save, say where the camera hangs.', save: 'Save the placing',
  },
  zone: {
    addTitle: 'Draw a zone in {{site}}', map: 'Map of the site', facts: 'Name, kind and limits', name: 'Name of the zone', namePlaceholder: 'e.g. In front of the stairs', nameMissing: 'The zone needs a name.',
    next: { first: 'Click the first corner of the zone on the map.', more: 'Click the next corner. Corners still missing: {{missing}}.', close: 'Click more corners, or the first one again to finish. Enter finishes, too; Esc takes the last corner back.', closed: 'Drag corners to move them; a dot between two corners adds one; Delete removes the chosen one.' },
    close: 'Finish the outline', rectangle: 'Start with a rectangle', startOver: 'Draw anew', corner: 'Corner {{number}}: {{x}} m east, {{y}} m north', addCornerAfter: 'Add a corner after corner {{number}}', corners: 'Corners in metres ({{corners}})', addCorner: 'Add a corner', removeCorner: 'Remove corner {{number}}',
    cell: { east: 'Corner {{number}}: metres east', north: 'Corner {{number}}: metres north' },
    kind: 'What do people do there?', kinds: { standing: 'Stand', walking: 'Walk', exit: 'Leave' }, kindMeans: { standing: 'Square, stage, platform', walking: 'Street, bridge, corridor', exit: 'Gate, stairs, way out: must keep flowing' },
    area: 'Area', level: 'Level', limit: 'People/m²', peopleAtLimit: 'In this zone', people: '{{people}} people', limitOf: 'Limit for {{level}}, people per square metre', levels: { noticePeoplePerM2: 'Notice', warningPeoplePerM2: 'Warning', dangerPeoplePerM2: 'Danger', criticalPeoplePerM2: 'Critical' },
    source: {
      standing: 'Usual limits: 2 walking slowed (Fruin), 3.5 just under touching, 4.7 most for standing viewers (UK Green Guide), 5.5 high risk (Still).', walking: 'Usual limits: walking crowds touch at 3.57 (Fruin) and begin to sway at 4 (Nature 638:112, 2025), so each level starts lower.', exit: 'Usual limits: an exit must keep flowing, and 2 people/m² already slow it (Fruin).',
    },
    useDefaults: 'Take the usual limits', more: 'More: how alarms are judged here', noPlacedCamera: 'Once a camera is placed, its picture shows the zone here.', notSeen: 'No placed camera sees this zone: it would be blind.', inPicture: 'The zone in the camera\'s picture', inPictureOf: 'Seen by', saveNeedsShape: 'To save, draw at least three corners.', saveNeedsMending: 'To save, mend what is said above.', save: 'Save the zone',
  },
  line: {
    addTitle: 'Draw a line in {{site}}', facts: 'Name, surface and ends', name: 'Name of the line', namePlaceholder: 'e.g. East exit', nameMissing: 'The line needs a name.',
    next: { first: 'Click on the map where the way begins on one side.', second: 'Click where it ends on the other side. Esc takes the first end back.', done: 'The arrow shows which way counts as in. Drag the ends to move them.' },
    middle: 'Start with a line in the middle', turn: 'Swap in and out', in: 'in', end: 'End {{end}}: {{x}} m east, {{y}} m north', ends: 'Ends', cell: { east: 'End {{end}}: metres east', north: 'End {{end}}: metres north' },
    surface: 'What do people walk on?', surfaces: { level: 'Level ground', stairs: 'Stairs' }, surfaceMeans: 'takes {{limit}} people a metre and minute', width: 'Width', takes: 'This way can take {{people}} people a minute.', source: 'Exit flow limits of the UK Green Guide.',
    saveNeedsEnds: 'Both ends are needed to save.', save: 'Save the line',
  },
  model: {
    link: 'Counting model', title: 'The model that counts', intro: 'Every number on the map rests on this model. Its card says how far off it was on pictures that it had never seen, and when not to believe it.',
    notToTrustWhen: 'When not to trust it', figures: 'How far off it was', knownFailures: 'Known failures', facts: 'What it is',
    column: { data: 'Pictures of', analysis: 'Looked at in', pictures: 'Pictures', mae: 'Off by (mean)', rmse: 'Off by (RMS)', bias: 'Too many (+)', relative: 'Share' },
    name: 'Name', counts: 'Counts', heads: 'Size of heads', headsPx: '{{least}} to {{most}} px in the analysed picture, best {{best}} px', error: 'Its error', trained: 'Trained on', rights: 'Rights of the pictures', licence: 'Licence', file: 'File', note: 'Note',
  },
};

export type SetupWords = Wording<typeof wordsEn>;
