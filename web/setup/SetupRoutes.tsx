// The setup pages: what comes after #/setup.
import type { LiveStore } from '../live/store.ts';

export default function SetupRoutes(_: { store: LiveStore }) { return <main />; }
