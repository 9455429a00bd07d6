// BoardPage.
export default function BoardPage() { return <main className="page" />; }
