// How the parts of the system reach each other. Two adapters with one conformance suite: inProcess.ts (all-in-one) and redis.ts (spread).
// Nothing on the bus is the record: PostgreSQL is. A bus that is lost and comes back loses at most what was under way, and says so.

export type LogEntry = { entryId: string; bytes: Uint8Array };
export type Unsubscribe = () => Promise<void>;
/** Opaque, ordered position before the first entry. */
export const LOG_START = '0-0';
/** Minutes of a site at ten cameras and 2 readings a second each. */
export const MOST_ENTRIES_DEFAULT = 20_000;

export interface Bus {
  /** To whoever listens now; at most once each, in the order of one publisher, never from inside this call. Rejects with Problem busDown when it cannot be handed over within 2 s. */
  publish(topic: string, bytes: Uint8Array): Promise<void>;
  subscribe(topic: string, onMessage: (bytes: Uint8Array) => void): Promise<Unsubscribe>;

  /** Adds to the end of a log that keeps its newest `mostEntries` (default 20,000: minutes of a site); resolves with the entry's id. */
  append(log: string, bytes: Uint8Array, options?: { mostEntries?: number }): Promise<string>;
  /**
   * Entries after `afterId`, oldest first, waiting up to `waitMs` for the first. `lost` is true when entries after `afterId` were already cut off
   * (from LOG_START too, when the log's beginning is gone) or when the log itself was lost and begun anew; told once, with the first entries after the gap.
   * It may be said without cause when the cut ended exactly at `afterId`, never left out with cause.
   * Ends early and empty when `signal` is aborted. Rejects with Problem busDown when the log cannot be asked.
   */
  read(log: string, afterId: string, options: { mostEntries: number; waitMs: number; signal?: AbortSignal }): Promise<{ entries: LogEntry[]; lost: boolean }>;
  /** The id of the newest entry, LOG_START when there is none. */
  newestId(log: string): Promise<string>;

  /** One value that a newer one replaces and that is gone after `ttlMs`. */
  putLatest(key: string, bytes: Uint8Array, ttlMs: number): Promise<void>;
  getLatest(key: string): Promise<Uint8Array | null>;

  /** Asks whoever serves `topic`: exactly one of several servers, in whatever process, is given the request. Rejects with Problem busDown when nobody answers in time or the one who was asked fails. */
  request(topic: string, bytes: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  serve(topic: string, answer: (bytes: Uint8Array) => Promise<Uint8Array>): Promise<Unsubscribe>;

  isUp(): boolean;
  /** Called at each change between up and down. */
  onChange(listener: (isUp: boolean) => void): () => void;
  counters(): { messagesDropped: number; reconnects: number };
  close(): Promise<void>;
}

/** Every name on the bus, in one place. `siteId` and `sensorId` never hold a ':'. */
export const topics = {
  /** encodeInput() bytes: what the decider of the site reads, in order. */
  inputs: (siteId: string) => `inputs:${siteId}`,
  /** encodeReading() bytes, for screens and history; the decider has its own copy in inputs. */
  readings: 'readings',
  /** SensorStatus as JSON; also kept as latest under sensorStatusOf. */
  sensorStatus: 'sensorStatus',
  sensorStatusOf: (sensorId: string) => `sensorStatus:${sensorId}`,
  /** LiveMessage 'zones' as JSON; also kept as latest under zonesOf. */
  zones: 'zones',
  zonesOf: (siteId: string) => `zones:${siteId}`,
  /** A wake-up only: the newest seq as text. Whoever hears it reads the events after its own last one from PostgreSQL. */
  events: 'events',
  /** {"siteId","version"} as JSON: a site's configuration changed (0: removed). */
  siteChanged: 'siteChanged',
  /** The newest version as text: units, people, policies or playbooks changed. */
  unitsChanged: 'unitsChanged',
  /** ScreenNotice as JSON: in-app notices, for the screens. */
  notices: 'notices',
  /** Request: {channelId, address, language} as JSON, to whoever delivers; answer: TestAnswer or {"problem": ProblemNote}. */
  channelTest: 'channelTest',
  /** CommandAnswer as JSON. */
  commandAnswers: 'commandAnswers',
  /** Somebody looks at this camera's picture (kept 5 s): its ingest makes one JPEG a second meanwhile. */
  pictureWanted: (sensorId: string) => `pictureWanted:${sensorId}`,
  /** encodePicture() bytes (contract/picture.ts): a JPEG with its instant and the version of the masks that are filled in it; kept 10 s. */
  picture: (sensorId: string) => `picture:${sensorId}`,
  /** The same without masks, only while somebody may see through them (kept 3 s): asked for and answered as above. */
  unmaskedWanted: (sensorId: string) => `unmaskedWanted:${sensorId}`,
  unmaskedPicture: (sensorId: string) => `unmaskedPicture:${sensorId}`,
  /** StillWish as JSON (contract/picture.ts): one picture to be taken out of the product. Kept until it is taken up, 10 s at most. */
  stillWanted: (sensorId: string) => `stillWanted:${sensorId}`,
  /** encodePicture() bytes, or a ProblemNote as JSON; kept 30 s. */
  still: (stillId: string) => `still:${stillId}`,
  /** Request: SensorTestBody as JSON, with the masks of cameras at that address; answer: {"answer": SensorTestAnswer} or {"problem": ProblemNote}. */
  sensorTest: 'sensorTest',
} as const;
