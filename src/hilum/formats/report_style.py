"""The report's one style sheet: system fonts, A4 print, colours with their contrast on the ground they stand on."""

# ink 15.8:1, secondary 6.8:1, teal 7.8:1 on white; badges 6.1, 6.4, 5.8:1 on their tints (WCAG 2.2 AA wants 4.5:1)
STYLE = """
:root{--ink:#17242F;--soft:#4F5D6A;--teal:#0E5A6B;--tint:#E3F0F2;--line:#DFE5EA;--page:#F4F6F8}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:14px/1.6 "PingFang SC","Microsoft YaHei UI",
"Microsoft YaHei","Noto Sans SC","Noto Sans CJK SC","Source Han Sans SC",system-ui,sans-serif;
font-variant-numeric:tabular-nums;line-break:strict;overflow-wrap:anywhere;text-autospace:normal}
html[lang="en"] body{font-family:"Segoe UI","Helvetica Neue",Arial,"Noto Sans","Liberation Sans",system-ui,
"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:1040px;margin:24px auto;background:#fff;border:1px solid var(--line);border-radius:8px;
padding:40px 56px 56px}
h1{font-size:28px;line-height:1.3;font-weight:600;margin:6px 0 20px}
h2{font-size:19px;line-height:1.4;font-weight:600;margin:44px 0 12px;padding-bottom:6px;
border-bottom:2px solid var(--teal)}
h3{font-size:15px;line-height:1.5;font-weight:600;margin:26px 0 8px}
p{margin:0 0 10px}
.note{color:var(--soft);font-size:13px}
.cover{border-top:6px solid var(--teal);padding-top:20px}
.organization{font-size:15px;color:var(--teal);font-weight:600;margin:0}
.facts{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:12px 28px;margin:0;padding:16px 0 0;
border-top:1px solid var(--line)}
.facts div{min-width:0}
.facts dt{color:var(--soft);font-size:12px}
.facts dd{margin:0}
.synthetic{border:2px solid #854800;background:#FFF1D6;color:#5E3300;padding:10px 14px;margin:0 0 18px;
font-weight:600}
.trust{background:var(--tint);border-left:6px solid var(--teal);padding:18px 24px;margin:0 0 16px}
.trust .band{font-size:34px;line-height:1.25;font-weight:600;margin:0;color:var(--teal)}
.trust p:last-child{margin-bottom:0}
.tiles{display:grid;grid-template-columns:repeat(6,minmax(0,1fr));gap:12px;list-style:none;margin:16px 0;padding:0}
.tiles li{border:1px solid var(--line);border-radius:8px;padding:10px 14px;min-width:0}
.tiles b{display:block;white-space:nowrap;font-size:21px;line-height:1.35;font-weight:600}
.tiles span{color:var(--soft);font-size:13px}
.summary{padding-left:22px;margin:0}
.summary li{margin-bottom:8px}
figure{margin:14px 0 18px;break-inside:avoid}
figcaption{font-weight:600;margin-bottom:6px}
svg{display:block;font-size:14px}
svg text{font-family:inherit}
svg.defs{position:absolute}
.draw{overflow-x:auto}
.draw svg.chart,.draw svg.legend{width:100%;min-width:760px;height:auto;max-width:900px}
.legend{margin-bottom:4px}
.scroll{overflow-x:auto;margin:8px 0 16px}
.scroll:focus-visible,.draw:focus-visible{outline:2px solid var(--teal);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:13px;line-height:1.5}
caption{text-align:left;font-weight:600;padding-bottom:6px;font-size:14px}
th,td{padding:6px 10px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
thead th{background:#EEF2F5;border-bottom:1px solid #7F8C98;font-weight:600;white-space:nowrap}
tbody th{font-weight:600}
.number{text-align:right;white-space:nowrap}
.narrow{max-width:600px}
.rules th:first-child{width:33%}
.rules td:last-child{width:36%}
.steps td:nth-child(2){width:52%}
.files .digest{min-width:230px}
.files th:first-child{min-width:130px}
.files td:last-child{width:40%}
.problems tbody th{font-weight:400;width:48%}
.facts .wide{grid-column:1/-1}
.digest{font-family:ui-monospace,"DejaVu Sans Mono","Liberation Mono",Consolas,monospace;font-size:12px;
overflow-wrap:anywhere}
.badge{display:inline-block;border-radius:4px;padding:0 7px;white-space:nowrap;font-size:12px}
.badge.reject,.badge.below,.badge.rejected{background:#FDEBE9;color:#9E1E16}
.badge.block,.badge.held{background:#FFF1D6;color:#6E3B00}
.badge.warn,.badge.small{background:#EEF2F5;color:#17242F;border:1px solid #7F8C98}
.badge.info,.badge.level{background:#EEF2F5;color:#4F5D6A}
.badge.above,.badge.accepted{background:#E4F4EB;color:#14673F}
.rule{break-inside:avoid}
td small,th small{display:block;font-weight:400;color:var(--soft);font-size:12px}
ol.contents{columns:2;margin:18px 0 0;padding-left:22px;font-size:13px}
ol.contents a{color:var(--teal)}
dl.methods dt{font-weight:600;margin-top:12px}
dl.methods dd{margin:2px 0 0}
.formula{display:block;margin:6px 0;padding:6px 12px;background:var(--page);border-left:3px solid var(--line)}
.signoff td{height:52px}
.signoff{break-inside:avoid}
footer{margin-top:36px;padding-top:10px;border-top:1px solid var(--line);color:var(--soft);font-size:12px}
@media (max-width:900px){
main{margin:0;border:0;border-radius:0;padding:20px 16px 32px}
.facts{grid-template-columns:minmax(0,1fr)}
.tiles{grid-template-columns:repeat(2,minmax(0,1fr))}
ol.contents{columns:1}
h1{font-size:24px}
.trust .band{font-size:26px}
}
@page{size:A4;margin:16mm 15mm 18mm;@bottom-right{content:counter(page) " / " counter(pages);font-size:9pt;
color:#4F5D6A}}
@media print{
html{-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{background:#fff;font-size:9.5pt;line-height:1.5}
main{max-width:none;margin:0;border:0;padding:0}
table{font-size:8.5pt;line-height:1.4}
th,td{padding:3.5pt 5pt}
thead{display:table-header-group}
thead th,thead th.number{white-space:normal;overflow-wrap:normal;word-break:keep-all}
.steps thead th.number{width:11%}
.tiles b{font-size:13pt}
h2+p,dt{break-after:avoid}
dd{break-inside:avoid}
.signoff td{height:36pt}
footer{break-before:avoid;margin-top:14pt}
tr,.tiles li,.trust,figure{break-inside:avoid}
h2,h3,caption,figcaption{break-after:avoid}
h2{margin-top:22pt}
.scroll,.draw{overflow:visible}
.draw svg.chart,.draw svg.legend{min-width:0;max-width:none}
.tiles{grid-template-columns:repeat(6,minmax(0,1fr));gap:6pt}
.tiles li{padding:5pt 7pt}
.facts{grid-template-columns:repeat(3,minmax(0,1fr))}
.facts,.contents{font-size:9pt}
ol.contents{columns:2}
a{color:inherit;text-decoration:none}
}
"""
