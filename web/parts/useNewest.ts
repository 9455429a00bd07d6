// The newest value of a component for something that outlives its drawing: a listener, a timer, a request under way.
import { useLayoutEffect, useRef, type RefObject } from 'react';

export function useNewest<T>(value: T): RefObject<T> {
  const newest = useRef(value);
  useLayoutEffect(() => { newest.current = value; });
  return newest;
}
