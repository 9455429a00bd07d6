// IncidentsPage.
export default function IncidentsPage() { return <main className="page" />; }
