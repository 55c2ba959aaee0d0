/**
 * Text from a journal on one line of a terminal: white space becomes single blanks, and what would
 * steer the terminal or turn the line around (controls, lone surrogates, bidi marks) becomes "?".
 */
export const plain = (text: string): string =>
  text.replace(/\s+/g, ' ').replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, '?')
