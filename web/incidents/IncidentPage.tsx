// IncidentPage.
export default function IncidentPage() { return <main className="page" />; }
