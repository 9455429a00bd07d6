// A deliverer in a process of its own, to be killed.
import { inProcessBus } from '../../store/bus/inProcess.ts';
import { openStore } from '../../store/openStore.ts';
import { runDeliver } from '../../worker/deliver.ts';
import pino from 'pino';

const log = pino({ level: 'silent' });
const store = await openStore({ databaseUrl: process.argv[2]!, log });
await runDeliver({ store, bus: inProcessBus(), log, holder: 'child', settings: { publicAddress: '', channelNetworks: ['loopback'] } });
setInterval(() => {}, 1000);
