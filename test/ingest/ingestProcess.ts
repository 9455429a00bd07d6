// An ingest in a process of its own, for a test to kill with -9. argv[2]: the database. Prints one line with the cameras it holds at each change.
import { pino } from 'pino';
import { inProcessBus } from '../../store/bus/inProcess.ts';
import { openStore } from '../../store/openStore.ts';
import { INGEST_DEFAULTS, runIngest } from '../../worker/ingest.ts';

const log = pino({ level: 'silent' });
const store = await openStore({ databaseUrl: process.argv[2]!, log });
const ingest = await runIngest({ store, bus: inProcessBus(), settings: { ...INGEST_DEFAULTS, cameraNetworks: ['loopback'] }, log });
let said = '';
setInterval(() => {
  const hosts = ingest.hosts(), line = JSON.stringify({ sensorIds: hosts.flatMap((host) => host.sensorIds).sort(), pids: hosts.map((host) => host.pid) });
  if (line !== said) console.log(said = line);
}, 100);
