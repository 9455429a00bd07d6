// `node config/writeExample.ts` writes config/example.json and config/SETTINGS.md from the schema; a test holds them against it.
import { writeFileSync } from 'node:fs';
import { exampleSettings, fromHome, settingsTable } from './settings.ts';

export const exampleFile = (): string => `${JSON.stringify(exampleSettings(), null, 2)}\n`;
export const settingsDocument = (): string => `# Settings

Made from \`config/settings.ts\` by \`node config/writeExample.ts\`; do not edit.

Defaults < file < environment < flags. The file is the one that \`--config\` (or \`CROWDLIGHT_CONFIG\`) names, else \`crowdlight.json\` in the data folder, else
\`config/crowdlight.json\`. A name that is not listed here stops the start, with the nearest name that is. \`npm start -- --settings\` prints what is in force, without secrets.
In the environment a list is separated by commas or spaces, or is a JSON list; in the file keys that begin with \`//\` are remarks ([example.json](example.json)).
\`--demo\` and \`--no-demo\` set \`demo\`; \`--camera\`, \`--video\` and \`--role\` may be given several times.

${settingsTable()}`;

if (import.meta.main) {
  writeFileSync(fromHome('config/example.json'), exampleFile());
  writeFileSync(fromHome('config/SETTINGS.md'), settingsDocument());
}
