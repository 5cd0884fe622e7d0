export const greeting = 'from the part of a part';
