// WhatIfPage.
export default function WhatIfPage() { return <main className="page" />; }
