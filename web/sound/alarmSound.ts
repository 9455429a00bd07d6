// The sound of a new alarm, made here (no file to fetch): more and higher beeps the worse it is. A browser plays nothing before the first click; that is a state, shown as such.
import { LEVELS, levelRank, type Level } from '../../contract/level.ts';
import { keep, keptValue } from '../parts/kept.ts';

export type SoundState = 'on' | 'off' | 'blocked';
export type AlarmSound = ReturnType<typeof alarmSound>;

/** Beeps and pitch by level; calm never sounds. */
const TONES: Record<Level, { beeps: number; hertz: number; gain: number } | null> = {
  calm: null, notice: { beeps: 1, hertz: 440, gain: 0.08 }, warning: { beeps: 2, hertz: 587, gain: 0.14 }, danger: { beeps: 3, hertz: 740, gain: 0.2 }, critical: { beeps: 5, hertz: 932, gain: 0.28 },
};
/** A flood of alarms is one sound in this span, the worst of them: a siren of overlapping beeps tells nothing. */
const APART_MS = 2500;

export function alarmSound() {
  let muted = keptValue('soundOff', false);
  let context: AudioContext | null = null;
  let playedAtMs = Number.NEGATIVE_INFINITY, playedRank = -1;
  const listeners = new Set<() => void>();
  const tell = () => { for (const listener of listeners) listener(); };

  function wake(): void {
    context ??= new AudioContext();
    if (context.state === 'suspended') void context.resume().then(tell, tell); else tell();
  }
  // The first click or key anywhere is enough; before it, making a context would only be refused.
  for (const name of ['pointerdown', 'keydown'] as const) addEventListener(name, wake, { capture: true, once: true });

  return {
    state: (): SoundState => (muted ? 'off' : context !== null && context.state === 'running' ? 'on' : 'blocked'),
    subscribe(listener: () => void): () => void { listeners.add(listener); return () => { listeners.delete(listener); }; },
    toggle(): void {
      if (!muted && (context === null || context.state !== 'running')) { wake(); return; }
      muted = !muted;
      keep('soundOff', muted);
      if (!muted) wake();
      tell();
    },
    play(levels: readonly Level[]): void {
      const rank = Math.max(-1, ...levels.map(levelRank));
      const tone = rank < 0 ? null : TONES[LEVELS[rank]!];
      if (tone === null || muted || context === null || context.state !== 'running') return;
      const nowMs = performance.now();
      if (nowMs - playedAtMs < APART_MS && rank <= playedRank) return;
      playedAtMs = nowMs; playedRank = rank;
      for (let beep = 0; beep < tone.beeps; beep++) {
        const at = context.currentTime + beep * 0.22;
        const oscillator = context.createOscillator(), gain = context.createGain();
        oscillator.type = 'triangle'; oscillator.frequency.value = tone.hertz;
        gain.gain.setValueAtTime(0, at); gain.gain.linearRampToValueAtTime(tone.gain, at + 0.015); gain.gain.setValueAtTime(tone.gain, at + 0.1); gain.gain.linearRampToValueAtTime(0, at + 0.15);
        oscillator.connect(gain).connect(context.destination);
        oscillator.start(at); oscillator.stop(at + 0.16);
      }
    },
  };
}
