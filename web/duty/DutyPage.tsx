// DutyPage.
export default function DutyPage() { return <main className="page" />; }
