// Something being edited: what it is now, what it was when it was last saved, and the steps back. A drag is one step, however many moves it has.
import { useCallback, useReducer } from 'react';

export type Draft<T> = { now: T; isDirty: boolean; canUndo: boolean; change: (to: (now: T) => T) => void; settle: () => void; undo: () => void; saved: () => void; startOver: (from: T) => void };

type State<T> = { now: T; settled: T; saved: T; past: T[] };
type Step<T> = { do: 'change'; to: (now: T) => T } | { do: 'settle' } | { do: 'undo' } | { do: 'saved' } | { do: 'startOver'; from: T };
const STEPS_MOST = 100;

export function useDraft<T>(start: T): Draft<T> {
  const [state, act] = useReducer(draftStep<T>, start, (from) => ({ now: from, settled: from, saved: from, past: [] }));
  return {
    now: state.now, isDirty: state.now !== state.saved, canUndo: state.past.length > 0 || state.now !== state.settled,
    change: useCallback((to) => act({ do: 'change', to }), []), settle: useCallback(() => act({ do: 'settle' }), []),
    undo: useCallback(() => act({ do: 'undo' }), []), saved: useCallback(() => act({ do: 'saved' }), []), startOver: useCallback((from) => act({ do: 'startOver', from }), []),
  };
}

export function draftStep<T>(state: State<T>, step: Step<T>): State<T> {
  switch (step.do) {
    case 'change': return { ...state, now: step.to(state.now) };
    case 'settle': return state.now === state.settled ? state : { ...state, settled: state.now, past: [...state.past, state.settled].slice(-STEPS_MOST) };
    case 'undo': {
      if (state.now !== state.settled) return { ...state, now: state.settled };
      const before = state.past.at(-1);
      return before === undefined ? state : { ...state, now: before, settled: before, past: state.past.slice(0, -1) };
    }
    case 'saved': return { ...state, settled: state.now, saved: state.now };
    case 'startOver': return { now: step.from, settled: step.from, saved: step.from, past: [] };
  }
}
