// What the alarm of a drill says. It is raised by people, so no rule's file has its words; they are told to the page beside those of the rules.
export const EXERCISE_WORDS = {
  title: { en: 'Exercise', zh: '演练' },
  because: { en: { exercise: 'EXERCISE by {by}: {words}' }, zh: { exercise: '演练({by}):{words}' } },
};
