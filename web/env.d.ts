// The build's own names for the compiler: workers by address.
/// <reference types="vite/client" />
