// English words of account.
export const wordsEn = {
  page: { title: 'Your account' },
  role: { viewer: 'Viewer', fieldWorker: 'Field worker', operator: 'Operator', analyst: 'Analyst', dutyOfficer: 'Duty officer', administrator: 'Administrator', auditor: 'Auditor' },
  menu: { of: 'Signed in: {{name}}', whole: 'the whole installation', noName: 'a unit', roleAt: '{{role}}: {{place}}', noRole: 'This account has no role yet. Ask your administrator.', signOut: 'Sign out', notSignedOut: 'The server did not answer. You are still signed in; try again.' },
  signIn: { title: 'Sign in', name: 'Sign-in name', password: 'Password', show: 'Show the password', enter: 'Sign in', sending: 'Asking…', second: 'This account asks for a second step.', tries: 'This page tries again by itself.' },
  over: { title: 'SIGNED OUT', old: 'What stands behind this is old: it stopped at {{time}}.', means: 'The session is over. No alarm is shown or heard on this screen until somebody signs in. What was typed here is kept.', other: 'Sign in as somebody else (what was typed is lost)', soon: 'You will be signed out in {{span}}.', here: 'Stay signed in' },
  join: { title: 'Set your password' },
  accounts: { title: 'Accounts' },
};
