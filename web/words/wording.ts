// The same shape of words with any words in it: a language that lacks a key does not compile.
export type Wording<T> = { [K in keyof T]: T[K] extends string ? string : Wording<T[K]> };
