// Normal numbers out of uniform ones, for simulators of tests and benches.

/** Mean 0, standard deviation 1 (Box and Muller). */
export const normalsOf = (uniform: () => number) => (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
