// English words of second factors and signing in elsewhere.
export const wordsEn = {
  step: { title: 'Second step', code: 'Code from your app', codeHint: 'Six figures; a new one every 30 seconds.', recovery: 'Recovery code', recoveryHint: 'One of the ten that you kept. Each works once.', go: 'Go on', sending: 'Asking…', passkey: 'Use a passkey', useCode: 'Use the code of an app', useRecovery: 'Use a recovery code', back: 'Back to the password' },
  ways: { or: 'or', passkey: 'Sign in with a passkey', elsewhere: 'Sign in with {{name}}' },
  back: { title: 'Signing in', wait: 'Asking whether the answer is right…', again: 'To the sign-in page' },
  browser: { cancelled: 'The passkey was not used: it was cancelled, or it took too long.', broken: 'This browser could not use the passkey.', none: 'This browser cannot use passkeys.' },
  section: {
    title: 'Second factors', lead: 'With a second factor a stolen password alone opens nothing. Add two, in case one is lost.', needed: 'The rules of this installation ask for one.', none: 'None yet.', elsewhere: 'You sign in with another service; second factors are set up there.',
    totp: 'Codes of an app', webauthn: 'Passkey', added: 'added {{time}}', used: 'last used {{time}}', never: 'not used yet', withoutPassword: 'also signs in without the password', at: 'for {{name}}',
    addApp: 'Add an app', addPasskey: 'Add a passkey', noPasskeys: 'Passkeys need a page that is opened by its name.', remove: 'Remove', removeOf: 'Remove {{name}}', removeSure: 'Remove {{name}}? Whoever has only this one cannot sign in with it any more.', keep: 'Keep it',
    recoveryLeft_one: '{{count}} recovery code left.', recoveryLeft_other: '{{count}} recovery codes left.', newRecovery: 'Make new recovery codes', loading: 'Asking…',
  },
  app: { title: 'Add an app', scan: 'Scan this with an app for codes (any that knows TOTP), or type the key below into it.', qr: 'Code for the app to scan', key: 'Key', name: 'What to call it', nameDefault: 'Phone', code: 'Code that the app shows now', save: 'Add', cancel: 'Cancel' },
  passkey: { title: 'Add a passkey', lead: 'A key to plug in, or this device itself with finger, face or code.', name: 'What to call it', nameDefault: 'Key', save: 'Go on', waiting: 'Follow your browser…' },
  recovery: { title: 'Recovery codes', lead: 'Print or copy them and keep them apart from your phone. Each opens this account once when nothing else is at hand. They are shown only now.', copy: 'Copy', copied: 'Copied', kept: 'I have kept them' },
  confirm: { title: 'Is it still you?', lead: 'This step asks once more, because a screen may have been left open.', password: 'Your password', signInAgain: 'You sign in elsewhere: sign out and in again, then take the step.', cancel: 'Cancel' },
  reset: { button: 'Take away second factors', sure: 'Take away all second factors of {{name}}? Do it only when you know by other means who asks. The password alone opens the account then, and every session of it ends.', keep: 'Keep them' },
  must: { title: 'Add a second factor', lead: 'The rules of this installation ask for one before anything else. It takes a minute.', signOut: 'Sign out' },
  noRoles: { title: 'You may not see anything here yet', lead: 'You are signed in as {{name}}, but no role was given to this account.', elsewhere: 'What you may do follows from your groups at the place where you signed in. Ask its administrator, then sign in again.', local: 'Ask an administrator of this installation.', signOut: 'Sign out', signOutThere: 'Sign out there, too' },
};
