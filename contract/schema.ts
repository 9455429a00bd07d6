// How a schema becomes a check: every border (bytes, files, env, HTTP, sockets, Redis, database) passes one of these once.
import Type from 'typebox';
import { Compile } from 'typebox/compile';

export type Checked<T> = { ok: true; value: T } | { ok: false; faults: Fault[] };
export type Fault = { path: string; says: string };

/** Compiles a schema once; the result never throws and names every field that does not fit (at most 20). */
export function checker<S extends Type.TSchema>(schema: S): (value: unknown) => Checked<Type.Static<S>> {
  const compiled = Compile(schema);
  return (value) => {
    if (compiled.Check(value)) return { ok: true, value: value as Type.Static<S> };
    const faults = [...compiled.Errors(value)].slice(0, 20).map((fault) => ({ path: fault.instancePath || '/', says: fault.message }));
    return { ok: false, faults };
  };
}

/** An object that refuses fields it does not know. */
export function strictObject<P extends Type.TProperties>(properties: P, options: Type.TObjectOptions = {}): Type.TObject<P> {
  return Type.Object(properties, { ...options, additionalProperties: false });
}

export const instantMs = (title: string) => Type.Number({ title, description: 'milliseconds since 1970-01-01 UTC', minimum: 0, maximum: 9e15 });
export const id = (title: string) => Type.String({ title, pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$' });
export const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
export const literals = <const V extends string[]>(values: readonly [...V]) => Type.Enum(values as unknown as [...V]);
