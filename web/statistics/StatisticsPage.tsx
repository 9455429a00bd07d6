// StatisticsPage.
export default function StatisticsPage() { return <main className="page" />; }
