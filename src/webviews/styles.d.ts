/** Style sheets are imported for the bundler's sake; they have no values. */
declare module '*.css';
