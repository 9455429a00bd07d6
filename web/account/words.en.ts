// English words of account.
export const wordsEn = {
  page: { title: 'Your account', actsAs: 'Your steps are taken under the name {{name}}.', language: 'Language' },
  role: { viewer: 'Viewer', fieldWorker: 'Field worker', operator: 'Operator', analyst: 'Analyst', dutyOfficer: 'Duty officer', administrator: 'Administrator', auditor: 'Auditor' },
  roleMeans: {
    viewer: 'Sees map, figures, alarms and incidents.', fieldWorker: 'Also camera pictures; reports incidents and answers what it was asked.', operator: 'Also acknowledges alarms and leads incidents.', analyst: 'Sees the past and statistics, and takes data out.',
    dutyOfficer: 'All of an operator and an analyst, people and shifts, and may be the second person.', administrator: 'Sets up places, cameras, units, people and accounts; does not lead incidents.', auditor: 'Reads who did what, and nothing else.',
  },
  right: {
    see: 'see', picture: 'camera pictures', report: 'report', alarm: 'alarms', incident: 'incidents', analyse: 'the past', export: 'take out', share: 'share', setup: 'set up', people: 'people', units: 'units', channels: 'channels', accounts: 'accounts', retention: 'how long things are kept',
    liftMask: 'without masks', confirm: 'second person', audit: 'audit', system: 'figures of the installation',
  },
  menu: { of: 'Signed in: {{name}}', whole: 'the whole installation', noName: 'a unit', roleAt: '{{role}}: {{place}}', noRole: 'This account has no role yet. Ask your administrator.', signOut: 'Sign out', notSignedOut: 'The server did not answer. You are still signed in; try again.' },
  signIn: { title: 'Sign in', name: 'Sign-in name', password: 'Password', show: 'Show the password', enter: 'Sign in', sending: 'Asking…', tries: 'This page tries again by itself.' },
  over: { title: 'SIGNED OUT', old: 'What stands behind this is old: it stopped at {{time}}.', means: 'The session is over. No alarm is shown or heard on this screen until somebody signs in. What was typed here is kept.', other: 'Sign in as somebody else (what was typed is lost)', soon: 'You will be signed out in {{span}}.', here: 'Stay signed in' },
  password: { title: 'Password', now: 'Password until now', next: 'New password', rules: '{{least}} characters or more. A sentence is good; it must not be your name or a password that was stolen somewhere.', change: 'Change the password', done: 'Changed. All your other sessions have ended.', mustTitle: 'Choose a new password', mustMeans: 'The password that you signed in with was made by somebody else.' },
  sessions: { title: 'Where you are signed in', this: 'This browser', times: 'since {{since}}, last used {{seen}}, until {{until}}', end: 'End', endOf: 'End {{name}}', endOthers: 'End all others' },
  tokens: { title: 'Tokens for programs', means: 'A program that carries one acts for you, with no more than these rights.', name: 'What for', rights: 'Rights', unit: 'Where', everywhere: 'wherever you may', days: 'Days until it ends (365 at most)', add: 'Make a token', make: 'Make it', shownOnce: 'This is shown once. Copy it now.', times: 'until {{until}}, last used {{used}}', never: 'never', endOf: 'End the token {{name}}' },
  link: { title: 'Link for {{name}}', means: 'Shown once. Hand it over yourself; whoever opens it first sets the password. It is over on {{time}}.', hide: 'Hide it', cancel: 'Cancel' },
  join: { title: 'Set your password', looking: 'Asking…', invited: '{{by}} has made an account for you.', recover: '{{by}} has made this link, because your password is lost. All your sessions end.', until: 'The link works until {{time}}.', name: 'Your name', take: 'Set the password and sign in' },
  accounts: {
    title: 'Accounts', notYours: 'Your role does not look after accounts.', add: 'Somebody new', invite: 'Invite somebody', list: 'All accounts', search: 'Search a name', unit: 'Unit', allUnits: 'all units', chooseUnit: 'choose a unit', none: 'No account is like this.', more: 'and {{count}} more; type a part of the name',
    signInNameRules: 'Letters, figures, dots, lines, @.', roles: 'Roles', role: 'Role', give: 'Add the role', take: 'take away', takeRole: 'Take away {{role}}: {{place}}', member: 'Person on duty', memberMeans: 'Its steps are taken under this name.', memberUnit: 'Person on duty: look in unit', noMember: 'nobody on duty', makeLink: 'Make the account and its link',
    disabled: 'disabled', elsewhere: 'signs in elsewhere', recovering: 'link for a new password until {{time}}', linkOver: 'not joined; the link is over', invitedUntil: 'invited until {{time}}', noRole: 'no role', change: 'Change', changeOf: 'Change {{name}}', keepRoles: 'Keep these roles', alsoElsewhere: 'This account also serves where you do not administer; only the roles here are yours to give and take.',
    recovery: 'Link for a new password', newLink: 'New link', endSessions: 'End all sessions', disable: 'Disable', enable: 'Enable again', remove: 'Remove', removeTitle: 'Remove {{name}}?', removeText: 'The account, its sessions and tokens go for good. What it did stays on record under its name.',
  },
};
